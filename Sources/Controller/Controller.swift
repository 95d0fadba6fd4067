package import ApusCore
package import ClusterMetadata
package import KafkaStoredMessages
import StateMachine

/// The controller of a cluster: decides about brokers, topics, leaders and configurations.
///
/// One exists while this node leads the metadata quorum. It starts from the committed image, and its working image runs
/// ahead of it by the records that are appended and not yet committed. Commands read the working image and return
/// records; only `apply` changes it. What brokers say in heartbeats is volatile.
///
/// | From | To | Cause |
/// |---|---|---|
/// | (none) | activating | this node became the leader of the quorum: `init` |
/// | activating | active | the records of `activate` were appended and applied |
/// | any | (none) | leadership was lost: drop the value; what was not committed is forgotten with it |
package struct Controller: ReplicatedStateMachine {
    package let configuration: ControllerConfiguration
    /// The working image: all records appended so far.
    package private(set) var image: MetadataImage

    var sessions: BrokerSessions
    var schedule: Schedule
    var random: SeededRandom
    let rules: any ConfigurationRules
    /// Names of topics by collision key, of those that have a character that can collide.
    var collisions: [String: Set<String>] = [:]

    /// - Parameters:
    ///   - image: the committed image, without records of an open transaction.
    ///   - random: the source of topic ids and placements.
    ///   - leaderHeardAt: when this node last heard the leader before it; nil where it heard none.
    ///   - now: when leadership began.
    package init(
        configuration: ControllerConfiguration, rules: any ConfigurationRules, image: MetadataImage,
        random: SeededRandom, leaderHeardAt: Instant? = nil, now: Instant
    ) {
        self.configuration = configuration
        self.rules = rules
        self.image = image
        self.random = random
        self.sessions = BrokerSessions(
            sessionTimeout: configuration.sessionTimeout, disconnectGrace: configuration.disconnectGrace,
            startTime: configuration.sessionStart(leaderHeardAt: leaderHeardAt, now: now))
        self.schedule = Schedule(configuration, now: now)
        for (id, broker) in image.brokers {
            // The offset of the registration is not in a snapshot; the epoch was the end of the log just before it.
            self.sessions.registered(id, epoch: broker.epoch, at: Offset(broker.epoch.rawValue))
        }
        image.topics.forEach { _, topic in self.noteName(topic.name) }
        if !image.drainedZones.isEmpty { self.schedule.relocate() }
    }

    package mutating func apply(
        _ record: MetadataRecord, at offset: Offset, epoch: LeaderEpoch
    ) throws(MetadataError) {
        let removedName: String? =
            if case .removeTopic(let removal) = record { self.image.topic(id: removal.topicId)?.name } else { nil }
        try self.image.apply(record, at: offset, epoch: epoch)
        switch record {
        case .registerBroker(let record):
            self.sessions.registered(record.brokerId, epoch: record.brokerEpoch, at: offset)
        case .unregisterBroker(let record): self.sessions.unregistered(record.brokerId)
        case .topic(let record): self.noteName(record.name)
        case .removeTopic: if let removedName { self.forgetName(removedName) }
        case .config(let record) where record.name == PartitionPolicy.uncleanLeaderElectionKey:
            self.schedule.electUncleanly()
        case .config(let record) where record.name == ZoneConfigKey.drained:
            // Who leaves moves at once, and who may lead again does so at the next check.
            self.schedule.relocate()
            self.schedule.balance()
        case .config(let record) where record.name == ZoneConfigKey.leaders:
            self.schedule.relocate()
            self.schedule.balance()
        default: break
        }
    }

    /// The static side of what decides about elections.
    var policy: PartitionPolicy {
        PartitionPolicy(
            nodeID: self.configuration.nodeID, minInsyncReplicas: self.configuration.minInsyncReplicas,
            isUncleanLeaderElectionEnabled: self.configuration.isUncleanLeaderElectionEnabled)
    }

    func draft(at offset: Offset) -> RecordDraft {
        RecordDraft(image: self.image, appendOffset: offset)
    }

    /// Checks that a request comes from the current process of a registered broker.
    func checkBrokerEpoch(_ broker: NodeID, _ epoch: BrokerEpoch) throws(ControllerError) -> BrokerRegistration {
        guard let registration = self.image.brokers[broker] else {
            throw ControllerError(.staleBrokerEpoch, "No broker registration found for broker id \(broker)")
        }
        guard registration.epoch == epoch else {
            throw ControllerError(
                .staleBrokerEpoch, "Expected broker epoch \(registration.epoch), but got broker epoch \(epoch)")
        }
        return registration
    }

    private mutating func noteName(_ name: String) {
        guard TopicName.hasCollisionCharacter(name) else { return }
        self.collisions[TopicName.collisionKey(name), default: []].insert(name)
    }

    private mutating func forgetName(_ name: String) {
        let key = TopicName.collisionKey(name)
        self.collisions[key]?.remove(name)
        if self.collisions[key]?.isEmpty == true { self.collisions[key] = nil }
    }
}
