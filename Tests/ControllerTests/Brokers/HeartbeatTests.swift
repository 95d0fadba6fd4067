import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct HeartbeatTests {
    private func response(
        caughtUp: Bool = true, fenced: Bool = false, shutDown: Bool = false
    ) -> BrokerHeartbeatResponse {
        var response = BrokerHeartbeatResponse()
        response.isCaughtUp = caughtUp
        response.isFenced = fenced
        response.shouldShutDown = shutDown
        return response
    }

    @Test("A broker is unfenced once it has read its own registration, and leads what had no leader")
    func unfencing() throws {
        var test = try TestController()
        try test.register(0)
        let epoch = try #require(test.image.brokers[0]?.epoch)
        #expect(
            try test.heartbeat(0, metadataOffset: Offset(epoch.rawValue) - 1)
                == CommandResult(records: [], response: self.response(caughtUp: false, fenced: true), isAtomic: false))
        #expect(
            try test.heartbeat(0, wantFence: true)
                == CommandResult(records: [], response: self.response(fenced: true), isAtomic: false))
        #expect(
            try test.heartbeat(0)
                == CommandResult(
                    records: [brokerChange(0, epoch: epoch, fenced: -1)], response: self.response(), isAtomic: false))
    }

    @Test("A controlled shutdown moves leaders first, and is granted when the others have read where they went")
    func controlledShutdown() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[1, 0, 2], [0, 1, 2]])
        for broker: NodeID in [0, 2] { try test.heartbeat(broker) }
        let epoch = try #require(test.image.brokers[1]?.epoch)
        #expect(
            try test.heartbeat(1, wantShutDown: true)
                == CommandResult(
                    records: [
                        brokerChange(1, epoch: epoch, inControlledShutdown: 1),
                        partitionChange(topic, 0, isr: [0, 2], leader: 0),
                        partitionChange(topic, 1, isr: [0, 2]),
                    ], response: self.response(), isAtomic: false))
        #expect(
            try test.heartbeat(1, wantShutDown: true)
                == CommandResult(records: [], response: self.response(), isAtomic: false))
        for broker: NodeID in [0, 2] { try test.heartbeat(broker) }
        #expect(
            try test.heartbeat(1, wantShutDown: true)
                == CommandResult(
                    records: [brokerChange(1, epoch: epoch, fenced: 1)],
                    response: self.response(fenced: true, shutDown: true), isAtomic: false))
        #expect(try test.replay() == test.image)
    }

    @Test("A broker that leads nothing may stop at once")
    func immediateShutdown() throws {
        var test = try TestController()
        try test.start([0])
        let epoch = try #require(test.image.brokers[0]?.epoch)
        #expect(
            try test.heartbeat(0, wantShutDown: true)
                == CommandResult(
                    records: [brokerChange(0, epoch: epoch, fenced: 1)],
                    response: self.response(fenced: true, shutDown: true), isAtomic: false))
        #expect(
            try test.heartbeat(0, wantShutDown: true)
                == CommandResult(records: [], response: self.response(fenced: true, shutDown: true), isAtomic: false))
    }

    @Test("A heartbeat of another epoch is refused")
    func staleEpoch() throws {
        var test = try TestController()
        try test.start([0])
        var stale = BrokerHeartbeatResponse()
        stale.errorCode = .staleBrokerEpoch
        #expect(
            try test.heartbeat(0) { $0.brokerEpoch += -1 } == CommandResult(records: [], response: stale))
        #expect(try test.heartbeat(9) == CommandResult(records: [], response: stale))
    }

    @Test("Replicas in a log directory that failed leave every ISR")
    func failedDirectory() throws {
        var test = try TestController()
        try test.start([0])
        let (good, bad) = (KafkaUUID(high: 5, low: 1), KafkaUUID(high: 5, low: 2))
        var request = TestController.registration(1)
        request.logDirs = [good, bad]
        let asked = request
        try test.run { $0.registerBroker(asked, context: $1) }
        try test.heartbeat(1)
        let topic = try test.createTopic("t", replicas: [[1, 0]])
        let epoch = try #require(test.image.brokers[1]?.epoch)
        // The broker has not said where the replica is: it is not affected.
        #expect(
            try test.heartbeat(1) { $0.offlineLogDirs = [bad] }.records
                == [brokerChange(1, epoch: epoch, logDirs: [good])])
        #expect(try test.partition(topic).isr == [1, 0])
        #expect(
            try test.heartbeat(0) { $0.offlineLogDirs = [TestController.directory(of: 0)] }.records
                == [partitionChange(topic, isr: [1], elr: [0])])
    }

    @Test("Cordoned directories are recorded once")
    func cordonedDirectories() throws {
        var test = try TestController()
        try test.register(0)
        let epoch = try #require(test.image.brokers[0]?.epoch)
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = 0
        record.brokerEpoch = epoch
        record.cordonedLogDirs = []
        let first = try test.heartbeat(0) { $0.cordonedLogDirs = [] }
        #expect(first.records == [brokerChange(0, epoch: epoch, fenced: -1), .brokerRegistrationChange(record)])
        #expect(try test.heartbeat(0) { $0.cordonedLogDirs = [] }.records == [])
    }
}
