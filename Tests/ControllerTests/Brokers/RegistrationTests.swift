import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct RegistrationTests {
    private func response(_ code: ErrorCode, epoch: BrokerEpoch = -1) -> BrokerRegistrationResponse {
        var response = BrokerRegistrationResponse()
        response.errorCode = code
        response.brokerEpoch = epoch
        return response
    }

    private func record(_ broker: NodeID, incarnation: UInt64 = 1, epoch: BrokerEpoch) -> MetadataRecord {
        .registerBroker(
            BrokerRegistration(
                id: broker, epoch: epoch, incarnationID: KafkaUUID(high: UInt64(broker.rawValue), low: incarnation),
                features: SupportedFeatures.ranges, logDirectories: [TestController.directory(of: broker)]
            ).record)
    }

    @Test("A new broker is registered fenced, and its epoch is the offset of the registration")
    func newBroker() throws {
        var test = try TestController()
        let epoch = BrokerEpoch(Int64(test.log.count))
        let result = try test.register(3)
        #expect(
            result
                == CommandResult(
                    records: [self.record(3, epoch: epoch)], response: self.response(.noError, epoch: epoch)))
        #expect(try test.replay() == test.image)
    }

    @Test("The same process may register again and keeps its epoch and state")
    func amendment() throws {
        var test = try TestController()
        try test.start([3])
        let before = test.image.brokers
        let epoch = try #require(before[3]?.epoch)
        let result = try test.register(3)
        #expect(result.response == self.response(.noError, epoch: epoch))
        #expect(test.image.brokers == before)
    }

    @Test("Another process is refused while the first has a session, and let in afterwards")
    func duplicate() throws {
        var test = try TestController()
        try test.start([3])
        #expect(
            try test.register(3, incarnation: 2)
                == CommandResult(records: [], response: self.response(.duplicateBrokerRegistration)))
        test.now = test.now + .seconds(9)
        let epoch = BrokerEpoch(Int64(test.log.count))
        #expect(
            try test.register(3, incarnation: 2)
                == CommandResult(
                    records: [self.record(3, incarnation: 2, epoch: epoch)],
                    response: self.response(.noError, epoch: epoch)))
    }

    @Test("A process that died is replaced as soon as the grace for its connection is over")
    func replacementAfterDisconnect() throws {
        var test = try TestController()
        try test.start([3])
        test.controller.brokerConnectionLost(3, now: test.now)
        test.now = test.now + .milliseconds(200)
        #expect(try test.register(3, incarnation: 2).response.errorCode == .noError)
    }

    @Test("After a clean shutdown the broker stays in the ELR, after a crash it leaves it")
    func endOfIncarnation() throws {
        for isClean in [true, false] {
            var test = try TestController { $0.idleIntervalMax = .zero }
            try test.start([0, 1, 2])
            let topic = try test.createTopic("t", replicas: [[0, 1, 2]])
            for broker: NodeID in [2, 1] {
                try test.heartbeat(broker, wantFence: true)
            }
            #expect(try test.partition(topic).eligibleLeaders == [1])
            let previous = try #require(test.image.brokers[1]?.epoch)
            test.now = test.now + .seconds(9)
            let result = try test.register(1, incarnation: 2, previousEpoch: isClean ? previous : -1)
            let registration = self.record(1, incarnation: 2, epoch: result.response.brokerEpoch)
            #expect(result.records == (isClean ? [registration] : [partitionChange(topic, elr: []), registration]))
        }
    }

    @Test("What a crashed broker led while nobody else was left is recovered from it alone")
    func lastLeader() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0])
        let topic = try test.createTopic("one", replicas: [[0]])
        let fenced = try test.heartbeat(0, wantFence: true)
        #expect(fenced.records.first == partitionChange(topic, isr: [], leader: -1, elr: [0], lastKnownELR: [0]))
        test.now = test.now + .seconds(9)
        let registered = try test.register(0, incarnation: 2)
        #expect(registered.records.first == partitionChange(topic, elr: []))
        let unfenced = try test.heartbeat(0)
        #expect(unfenced.records.last == partitionChange(topic, isr: [0], leader: 0, lastKnownELR: [], recovery: 1))
    }

    @Test("Registrations that do not fit the cluster are refused")
    func refusals() throws {
        let cases: [(ErrorCode, (inout BrokerRegistrationRequest) -> Void)] = [
            (.inconsistentClusterID, { $0.clusterId = "another" }),
            (.brokerIDNotRegistered, { $0.isMigratingZkBroker = true }),
            (.invalidRegistration, { $0.logDirs = [] }),
            (.invalidRegistration, { $0.logDirs = [DirectoryID.unassigned] }),
            (.invalidRegistration, { $0.logDirs += $0.logDirs }),
            (.invalidRegistration, { $0.logDirs = [TestController.directory(of: 0)] }),
            (.invalidRegistration, { $0.features.removeAll { $0.name == "metadata.version" } }),
            (.unsupportedVersion, { $0.features.removeAll { $0.name == "group.version" } }),
        ]
        var test = try TestController()
        try test.start([0])
        for (code, change) in cases {
            var request = TestController.registration(1)
            change(&request)
            let asked = request
            #expect(
                try test.run { $0.registerBroker(asked, context: $1) }
                    == CommandResult(records: [], response: self.response(code)))
        }
    }

    @Test("An unregistered broker is forgotten")
    func unregistration() throws {
        var test = try TestController()
        try test.start([0, 1])
        let topic = try test.createTopic("t", replicas: [[1, 0]])
        var request = UnregisterBrokerRequest()
        request.brokerId = 1
        let epoch = try #require(test.image.brokers[1]?.epoch)
        var unregistered = UnregisterBrokerRecord()
        unregistered.brokerId = 1
        unregistered.brokerEpoch = epoch
        var response = UnregisterBrokerResponse()
        response.errorMessage = nil
        let asked = request
        #expect(
            try test.run { $0.unregisterBroker(asked, context: $1) }
                == CommandResult(
                    records: [partitionChange(topic, isr: [0], leader: 0, elr: [1]), .unregisterBroker(unregistered)],
                    response: response, isAtomic: false))
        response.errorCode = .brokerIDNotRegistered
        response.errorMessage = "Broker ID 1 is not currently registered"
        #expect(
            try test.run { $0.unregisterBroker(asked, context: $1) } == CommandResult(records: [], response: response))
        #expect(try test.replay() == test.image)
    }
}
