import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct ConfigurationTests {
    private enum Operation: Int8 {
        case set, delete, append, subtract
    }

    private func request(
        _ type: Int8, _ name: String, _ changes: [(Operation, String, String?)]
    ) -> IncrementalAlterConfigsRequest {
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = changes.map { operation, key, value in
            var change = IncrementalAlterConfigsRequest.AlterableConfig()
            change.name = key
            change.configOperation = operation.rawValue
            change.value = value
            return change
        }
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        return request
    }

    private func response(
        _ type: Int8, _ name: String, _ code: ErrorCode = .noError, _ message: String? = nil
    ) -> IncrementalAlterConfigsResponse {
        var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
        answer.resourceType = type
        answer.resourceName = name
        answer.errorCode = code
        answer.errorMessage = message
        var response = IncrementalAlterConfigsResponse()
        response.responses = [answer]
        return response
    }

    private func cluster() throws -> TestController {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        try test.createTopic("t", replicas: [[0, 1, 2]], configs: [("retention.ms", "1")])
        return test
    }

    @Test("Single keys are set, deleted, appended to and subtracted from; what stays the same is not written")
    func changes() throws {
        var test = try self.cluster()
        let steps: [([(Operation, String, String?)], [MetadataRecord])] = [
            ([(.set, "retention.ms", "1")], []),
            (
                [(.set, "segment.ms", "2"), (.delete, "retention.ms", nil)],
                [config(2, "t", "segment.ms", "2"), config(2, "t", "retention.ms", nil)]
            ),
            ([(.append, "cleanup.policy", "compact,delete")], [config(2, "t", "cleanup.policy", "delete,compact")]),
            ([(.subtract, "cleanup.policy", "delete")], [config(2, "t", "cleanup.policy", "compact")]),
        ]
        for (changes, records) in steps {
            let asked = self.request(2, "t", changes)
            #expect(
                try test.run { $0.incrementalAlterConfigs(asked, context: $1) }
                    == CommandResult(records: records, response: self.response(2, "t")))
        }
        #expect(test.image.configuration(of: .topic("t")) == ["segment.ms": "2", "cleanup.policy": "compact"])
        #expect(try test.replay() == test.image)
    }

    @Test("Changes that are not allowed are refused in Kafka's words")
    func refusals() throws {
        var test = try self.cluster()
        let long = String(repeating: "x", count: 32_768)
        let cases: [(Int8, String, (Operation, String, String?), ErrorCode, String)] = [
            (2, "x", (.set, "a", "1"), .unknownTopicOrPartition, "The topic 'x' does not exist."),
            (4, "x", (.set, "a", "1"), .invalidRequest, "Invalid broker name x"),
            (4, "77", (.set, "a", "1"), .brokerIDNotRegistered, "No node with id 77 found."),
            (
                2, "t", (.append, "retention.ms", "1"), .invalidConfig,
                "Can't APPEND to key retention.ms because its type is not LIST."
            ),
            (2, "t", (.set, "unknown", "1"), .invalidConfig, "Unknown topic config name: unknown"),
            (2, "t", (.set, "a", nil), .invalidRequest, "Null value not supported for : a"),
            (
                2, "t", (.set, "a", long), .invalidConfig,
                "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes."
            ),
            (
                4, "0", (.set, "min.insync.replicas", "1"), .invalidConfig,
                "Broker-level min.insync.replicas cannot be altered while ELR is enabled."
            ),
            (
                4, "", (.delete, "min.insync.replicas", nil), .invalidConfig,
                "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."
            ),
        ]
        for (type, name, change, code, message) in cases {
            let asked = self.request(type, name, [change])
            #expect(
                try test.run { $0.incrementalAlterConfigs(asked, context: $1) }
                    == CommandResult(records: [], response: self.response(type, name, code, message)))
        }
    }

    @Test("A new minimum of in-sync replicas clears the ELR, but not that of a partition without a leader")
    func clearedELR() throws {
        var test = try TestController { $0.idleIntervalMax = .zero }
        try test.start([0, 1, 2])
        let topic = try test.createTopic("t", replicas: [[0, 1], [1, 2]])
        try test.heartbeat(1, wantFence: true)
        var clear = ClearElrRecord()
        clear.topicName = "t"
        let first = self.request(2, "t", [(.set, "min.insync.replicas", "1")])
        #expect(
            try test.run { $0.incrementalAlterConfigs(first, context: $1) }.records
                == [config(2, "t", "min.insync.replicas", "1"), .clearElr(clear)])
        let back = self.request(2, "t", [(.set, "min.insync.replicas", "2")])
        try test.run { $0.incrementalAlterConfigs(back, context: $1) }
        try test.heartbeat(1)
        for (index, isr) in [(PartitionIndex(0), [NodeID(0), 1]), (1, [2, 1])] {
            let request = try test.alterPartition(topic, index, isr: isr)
            try test.run { $0.alterPartition(request, context: $1) }
        }
        try test.heartbeat(1, wantFence: true)
        try test.heartbeat(0, wantFence: true)
        #expect(try test.partition(topic, 0).eligibleLeaders == [0, 1])
        #expect(try test.partition(topic, 1).eligibleLeaders == [1])
        #expect(
            try test.run { $0.incrementalAlterConfigs(first, context: $1) }.records
                == [config(2, "t", "min.insync.replicas", "1"), partitionChange(topic, 1, elr: [], lastKnownELR: [])])
        #expect(try test.partition(topic, 0).eligibleLeaders == [0, 1])
    }

    @Test("The old request replaces the whole configuration")
    func replacement() throws {
        var test = try self.cluster()
        var change = AlterConfigsRequest.AlterableConfig()
        change.name = "segment.ms"
        change.value = "2"
        var resource = AlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = 2
        resource.resourceName = "t"
        resource.configs = [change]
        var request = AlterConfigsRequest()
        request.resources = [resource]
        let asked = request
        #expect(
            try test.run { $0.alterConfigs(asked, context: $1) }.records
                == [config(2, "t", "segment.ms", "2"), config(2, "t", "retention.ms", nil)])
        #expect(test.image.configuration(of: .topic("t")) == ["segment.ms": "2"])
    }

    @Test("A broker's value is written even where it is the same, and the cluster's default is the empty name")
    func brokers() throws {
        var test = try self.cluster()
        for (name, key) in [("0", "ssl.keystore.location"), ("", "log.retention.ms")] {
            let asked = self.request(4, name, [(.set, key, "x")])
            for _ in 0..<2 {
                #expect(
                    try test.run { $0.incrementalAlterConfigs(asked, context: $1) }.records
                        == [config(4, name, key, "x")])
            }
        }
    }
}
