import ApusCore
import ClusterMetadata
import Controller
import KafkaPrimitives
import KafkaProtocol
import KafkaStoredMessages
import StateMachine

/// A controller beside a Kafka log: it is told what happened, answers with its own records, and goes on from Kafka's.
struct KafkaShadow {
    var test: TestController
    private var newTopic: TopicID?

    init(bootstrap: [KafkaLog.Entry]) throws {
        self.test = try TestController(minInsyncReplicas: 2) { $0.idleIntervalMax = .zero }
        self.test.controller = Controller(
            configuration: self.test.controller.configuration, rules: TestRules(), image: MetadataImage(),
            random: SeededRandom(seed: 1), now: self.test.now)
    }

    /// Takes Kafka's records, and lets every session end.
    mutating func follow(_ entries: [KafkaLog.Entry]) throws {
        self.newTopic = nil
        for entry in entries {
            try self.test.controller.apply(entry.record, at: entry.offset, epoch: entry.epoch)
        }
        self.test.now = self.test.now + .seconds(10)
    }

    /// What this controller writes for an event; nil where Kafka repeats itself and this controller does not.
    mutating func records(for event: KafkaEvent, _ entries: [KafkaLog.Entry]) throws -> [MetadataRecord]? {
        let context = ControllerContext(now: self.test.now, appendOffset: entries[0].offset)
        let records = entries.map(\.record)
        switch event {
        case .bootstrap:
            let bootstrap = Controller.bootstrapRecords
            return self.test.controller.activate(openTransactionOffset: nil, bootstrap: bootstrap, context: context)
                .records
        case .registerBroker(let record): return self.register(record, context)
        case .registerController(let record):
            return self.test.controller.registerController(Self.request(record), context: context).records
        case .fence(let broker): return self.heartbeat(broker, context) { $0.wantFence = true }
        case .fenceAgain: return nil
        case .unfence(let broker): return self.heartbeat(broker, context) { _ in }
        case .beginShutdown(let broker): return self.heartbeat(broker, context) { $0.wantShutDown = true }
        case .cordon(let broker, let directories):
            let isFenced = self.test.image.brokers[broker]?.isFenced ?? false
            return self.heartbeat(broker, context) {
                $0.wantFence = isFenced
                $0.cordonedLogDirs = directories
            }
        case .createTopic: return self.createTopic(records, context)
        case .createPartitions(let topic): return self.createPartitions(topic, records, context)
        case .changePartition(let record): return try self.change(record, context)
        case .alterConfigs: return self.alterConfigs(records, context)
        case .deleteTopic(let id):
            var target = DeleteTopicsRequest.DeleteTopicState()
            target.topicId = id
            var request = DeleteTopicsRequest()
            request.topics = [target]
            return self.test.controller.deleteTopics(request, context: context).records
        case .allocateProducerIDs(let record):
            var request = AllocateProducerIdsRequest()
            request.brokerId = record.brokerId
            request.brokerEpoch = record.brokerEpoch
            return self.test.controller.allocateProducerIDs(request, context: context).records
        }
    }

    /// Records without what Kafka leaves to chance: the order of features, and the ids of new topics.
    func normalised(_ records: [MetadataRecord]) -> [MetadataRecord] {
        records.map { record in
            switch record {
            case .registerBroker(var registration):
                registration.features.sort { $0.name < $1.name }
                return .registerBroker(registration)
            case .registerController(var registration):
                registration.features.sort { $0.name < $1.name }
                return .registerController(registration)
            case .topic(var topic) where self.newTopic != nil:
                topic.topicId = .zero
                return .topic(topic)
            case .partition(var partition) where self.newTopic != nil:
                partition.topicId = .zero
                return .partition(partition)
            default: return record
            }
        }
    }

    // MARK: Requests

    private mutating func heartbeat(
        _ broker: NodeID, _ context: ControllerContext, _ change: (inout BrokerHeartbeatRequest) -> Void
    ) -> [MetadataRecord] {
        var request = BrokerHeartbeatRequest()
        request.brokerId = broker
        request.brokerEpoch = self.test.image.brokers[broker]?.epoch ?? -1
        request.currentMetadataOffset = Offset(.max)
        change(&request)
        return self.test.controller.brokerHeartbeat(request, context: context).records
    }

    private mutating func register(_ record: RegisterBrokerRecord, _ context: ControllerContext) -> [MetadataRecord] {
        var request = BrokerRegistrationRequest()
        request.brokerId = record.brokerId
        request.clusterId = TestController.clusterID
        request.incarnationId = record.incarnationId
        request.rack = record.rack
        request.logDirs = record.logDirs
        request.listeners = record.endPoints.map { endpoint in
            var listener = BrokerRegistrationRequest.Listener()
            listener.name = endpoint.name
            listener.host = endpoint.host
            listener.port = endpoint.port
            listener.securityProtocol = endpoint.securityProtocol
            return listener
        }
        request.features = record.features.map { supported in
            var feature = BrokerRegistrationRequest.Feature()
            feature.name = supported.name
            feature.minSupportedVersion = supported.minSupportedVersion
            feature.maxSupportedVersion = supported.maxSupportedVersion
            return feature
        }
        // The log does not tell how the old process ended, but one that shut down in order had announced it.
        if let old = self.test.image.brokers[record.brokerId], old.isInControlledShutdown {
            request.previousBrokerEpoch = old.epoch
        }
        return self.test.controller.registerBroker(request, context: context).records
    }

    private static func request(_ record: RegisterControllerRecord) -> ControllerRegistrationRequest {
        var request = ControllerRegistrationRequest()
        request.controllerId = record.controllerId
        request.incarnationId = record.incarnationId
        request.zkMigrationReady = record.zkMigrationReady
        request.listeners = record.endPoints.map { endpoint in
            var listener = ControllerRegistrationRequest.Listener()
            listener.name = endpoint.name
            listener.host = endpoint.host
            listener.port = endpoint.port
            listener.securityProtocol = endpoint.securityProtocol
            return listener
        }
        request.features = record.features.map { supported in
            var feature = ControllerRegistrationRequest.Feature()
            feature.name = supported.name
            feature.minSupportedVersion = supported.minSupportedVersion
            feature.maxSupportedVersion = supported.maxSupportedVersion
            return feature
        }
        return request
    }

    private mutating func createTopic(_ records: [MetadataRecord], _ context: ControllerContext) -> [MetadataRecord] {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.numPartitions = -1
        topic.replicationFactor = -1
        for record in records {
            switch record {
            case .topic(let record):
                topic.name = record.name
                self.newTopic = record.topicId
            case .config(let record):
                var config = CreateTopicsRequest.CreatableTopicConfig()
                config.name = record.name
                config.value = record.value
                topic.configs.append(config)
            case .partition(let record):
                var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
                assignment.partitionIndex = record.partitionId
                assignment.brokerIds = record.replicas
                topic.assignments.append(assignment)
            default: break
            }
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        return self.test.controller.createTopics(request, context: context).records
    }

    private mutating func createPartitions(
        _ id: TopicID, _ records: [MetadataRecord], _ context: ControllerContext
    ) -> [MetadataRecord] {
        var topic = CreatePartitionsRequest.CreatePartitionsTopic()
        let present = self.test.image.topic(id: id)
        topic.name = present?.name ?? ""
        topic.count = Int32((present?.partitions.count ?? 0) + records.count)
        topic.assignments = records.map { record in
            var assignment = CreatePartitionsRequest.CreatePartitionsAssignment()
            if case .partition(let partition) = record { assignment.brokerIds = partition.replicas }
            return assignment
        }
        var request = CreatePartitionsRequest()
        request.topics = [topic]
        return self.test.controller.createPartitions(request, context: context).records
    }

    private mutating func alterConfigs(_ records: [MetadataRecord], _ context: ControllerContext) -> [MetadataRecord] {
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        for case .config(let record) in records {
            resource.resourceType = record.resourceType
            resource.resourceName = record.resourceName
            var config = IncrementalAlterConfigsRequest.AlterableConfig()
            config.name = record.name
            config.configOperation = record.value == nil ? 1 : 0
            config.value = record.value
            resource.configs.append(config)
        }
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        return self.test.controller.incrementalAlterConfigs(request, context: context).records
    }

    private mutating func change(
        _ record: PartitionChangeRecord, _ context: ControllerContext
    ) throws -> [MetadataRecord] {
        let before = try self.test.partition(record.topicId, record.partitionId)
        let topic = self.test.image.topic(id: record.topicId)?.name ?? ""
        if let isr = record.isr {
            // A change that completes a reassignment has taken what it removes out of the ISR that was asked for.
            let asked = isr + (record.replicas == nil ? [] : before.removingReplicas)
            let recovery = record.leaderRecoveryState
            let request = try self.test.alterPartition(record.topicId, record.partitionId, isr: asked) {
                $0.leaderRecoveryState = recovery == -1 ? before.leaderRecoveryState.rawValue : recovery
            }
            return self.test.controller.alterPartition(request, context: context).records
        }
        if let replicas = record.replicas {
            var partition = AlterPartitionReassignmentsRequest.ReassignablePartition()
            partition.partitionIndex = record.partitionId
            partition.replicas = replicas.filter { !(record.removingReplicas ?? []).contains($0) }
            var target = AlterPartitionReassignmentsRequest.ReassignableTopic()
            target.name = topic
            target.partitions = [partition]
            var request = AlterPartitionReassignmentsRequest()
            request.topics = [target]
            return self.test.controller.alterPartitionReassignments(request, context: context).records
        }
        var target = ElectLeadersRequest.TopicPartitions()
        target.topic = topic
        target.partitions = [record.partitionId]
        var request = ElectLeadersRequest()
        request.topicPartitions = [target]
        return self.test.controller.electLeaders(request, context: context).records
    }
}
