import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

/// Configuration rules that know a handful of keys.
struct TestRules: ConfigurationRules {
    func isList(_ key: String, of kind: ConfigResource.Kind) -> Bool { key == "cleanup.policy" }

    func defaultValue(of key: String, kind: ConfigResource.Kind) -> String? {
        key == "cleanup.policy" ? "delete" : nil
    }

    func problem(
        in configuration: [String: String], previous: [String: String], of resource: ConfigResource
    ) -> ControllerError? {
        guard let unknown = configuration.keys.sorted().first(where: { $0.hasPrefix("unknown") }) else { return nil }
        return ControllerError(.invalidConfig, "Unknown topic config name: \(unknown)")
    }

    func effectiveTopicConfiguration(
        overrides: [String: String], clusterDefaults: [String: String], nodeOverrides: [String: String]
    ) -> [EffectiveConfiguration] {
        overrides.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value, source: 1) }
    }
}

/// A controller with a log: appends what commands return, and can replay it.
struct TestController {
    var controller: Controller
    var log: [MetadataRecord] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    let epoch: LeaderEpoch = 1

    static let clusterID = "test-cluster"

    init(minInsyncReplicas: Int = 2, change: (inout ControllerConfiguration) -> Void = { _ in }) throws {
        var configuration = ControllerConfiguration(nodeID: 100, clusterID: Self.clusterID)
        configuration.minInsyncReplicas = minInsyncReplicas
        configuration.defaultReplicationFactor = 3
        change(&configuration)
        self.controller = Controller(
            configuration: configuration, rules: TestRules(), image: MetadataImage(), random: SeededRandom(seed: 7),
            now: self.now)
        _ = try self.run {
            $0.activate(openTransactionOffset: nil, bootstrap: Controller.bootstrapRecords, context: $1)
        }
    }

    var image: MetadataImage { self.controller.image }

    func context(version: Int16 = .max) -> ControllerContext {
        ControllerContext(now: self.now, appendOffset: Offset(Int64(self.log.count)), apiVersion: version)
    }

    /// Runs a command, appends and applies its records, and returns its result.
    @discardableResult
    mutating func run<Response>(
        version: Int16 = .max,
        _ command: (inout Controller, ControllerContext) -> CommandResult<MetadataRecord, Response>
    ) throws -> CommandResult<MetadataRecord, Response> {
        let before = self.controller.image
        let result = command(&self.controller, self.context(version: version))
        #expect(self.controller.image == before, "a command changed replicated state")
        for record in result.records {
            try self.controller.apply(record, at: Offset(Int64(self.log.count)), epoch: self.epoch)
            self.log.append(record)
        }
        return result
    }

    /// Ticks until nothing is due, and returns the records.
    @discardableResult
    mutating func tick(after interval: Interval = .zero) throws -> [MetadataRecord] {
        self.now = self.now + interval
        var records: [MetadataRecord] = []
        while self.controller.nextDeadline <= self.now {
            let now = self.now
            records += try self.run { $0.tick(now: now, appendOffset: $1.appendOffset) }.records
        }
        return records
    }

    /// The image that the log alone gives.
    func replay() throws -> MetadataImage {
        var replay = MetadataReplay()
        for (offset, record) in self.log.enumerated() {
            try replay.apply(record, at: Offset(Int64(offset)), epoch: self.epoch)
        }
        return replay.image
    }

    // MARK: Brokers

    static func directory(of broker: NodeID) -> KafkaUUID {
        KafkaUUID(high: 0xd1, low: 1000 + UInt64(broker.rawValue))
    }

    static func registration(
        _ broker: NodeID, incarnation: UInt64 = 1, rack: String? = nil, previousEpoch: BrokerEpoch = -1
    ) -> BrokerRegistrationRequest {
        var request = BrokerRegistrationRequest()
        request.brokerId = broker
        request.clusterId = Self.clusterID
        request.incarnationId = KafkaUUID(high: UInt64(broker.rawValue), low: incarnation)
        request.rack = rack
        request.logDirs = [Self.directory(of: broker)]
        request.previousBrokerEpoch = previousEpoch
        request.features = SupportedFeatures.ranges.sorted { $0.key < $1.key }.map { name, range in
            var feature = BrokerRegistrationRequest.Feature()
            feature.name = name
            feature.minSupportedVersion = range.min
            feature.maxSupportedVersion = range.max
            return feature
        }
        return request
    }

    @discardableResult
    mutating func register(
        _ broker: NodeID, incarnation: UInt64 = 1, rack: String? = nil, previousEpoch: BrokerEpoch = -1
    ) throws -> CommandResult<MetadataRecord, BrokerRegistrationResponse> {
        let request = Self.registration(broker, incarnation: incarnation, rack: rack, previousEpoch: previousEpoch)
        return try self.run { $0.registerBroker(request, context: $1) }
    }

    @discardableResult
    mutating func heartbeat(
        _ broker: NodeID, wantFence: Bool = false, wantShutDown: Bool = false, metadataOffset: Offset? = nil,
        change: (inout BrokerHeartbeatRequest) -> Void = { _ in }
    ) throws -> CommandResult<MetadataRecord, BrokerHeartbeatResponse> {
        var request = BrokerHeartbeatRequest()
        request.brokerId = broker
        request.brokerEpoch = self.image.brokers[broker]?.epoch ?? -1
        request.currentMetadataOffset = metadataOffset ?? Offset(Int64(self.log.count - 1))
        request.wantFence = wantFence
        request.wantShutDown = wantShutDown
        change(&request)
        return try self.run { $0.brokerHeartbeat(request, context: $1) }
    }

    /// Registers and unfences brokers.
    mutating func start(_ brokers: [NodeID], racks: [String?] = []) throws {
        for (index, broker) in brokers.enumerated() {
            try self.register(broker, rack: index < racks.count ? racks[index] : nil)
            try self.heartbeat(broker)
        }
    }

    // MARK: Topics

    /// Creates a topic with these replicas, one list a partition, and returns its id.
    @discardableResult
    mutating func createTopic(
        _ name: String, replicas: [[NodeID]], configs: [(String, String?)] = []
    ) throws -> TopicID {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = -1
        topic.replicationFactor = -1
        topic.assignments = replicas.enumerated().map { index, brokers in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = PartitionIndex(Int32(index))
            assignment.brokerIds = brokers
            return assignment
        }
        topic.configs = configs.map { key, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = key
            config.value = value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        let result = try self.run { $0.createTopics(request, context: $1) }
        #expect(result.response.topics.map(\.errorCode) == [.noError])
        return result.response.topics[0].topicId
    }

    func partition(_ topic: TopicID, _ index: PartitionIndex = 0) throws -> PartitionState {
        try #require(self.image.partition(TopicIDPartition(topicID: topic, partition: index)))
    }

    /// What the leader of a partition asks for when it changes the ISR.
    func alterPartition(
        _ topic: TopicID, _ index: PartitionIndex = 0, isr: [NodeID],
        change: (inout AlterPartitionRequest.PartitionData) -> Void = { _ in }
    ) throws -> AlterPartitionRequest {
        let state = try self.partition(topic, index)
        var partition = AlterPartitionRequest.PartitionData()
        partition.partitionIndex = index
        partition.leaderEpoch = state.leaderEpoch
        partition.partitionEpoch = state.partitionEpoch
        partition.newIsrWithEpochs = isr.map { broker in
            var member = AlterPartitionRequest.BrokerState()
            member.brokerId = broker
            member.brokerEpoch = self.image.brokers[broker]?.epoch ?? -1
            return member
        }
        change(&partition)
        var data = AlterPartitionRequest.TopicData()
        data.topicId = topic
        data.partitions = [partition]
        var request = AlterPartitionRequest()
        request.brokerId = state.leader
        request.brokerEpoch = self.image.brokers[state.leader]?.epoch ?? -1
        request.topics = [data]
        return request
    }
}
