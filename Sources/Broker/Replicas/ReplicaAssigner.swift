import ApusCore
import ClusterMetadata
import Configuration
import EventLoop
import LogStorage
import Replication
import Telemetry

/// Makes this broker's replicas what the committed metadata says: opens and deletes logs, leads and follows.
///
/// Runs on the storage loop, one publication after the other, since opening a log waits for the disk.
final class ReplicaAssigner: Sendable {
    private let loop: EventLoop
    private let services: BrokerServices
    private let store: LogStore
    private let fetchers: FetcherPool
    private let topics: TopicPolicies
    private let placements: DirectoryAssignmentSender
    // Unsafe: only the storage loop touches it; every use asserts that.
    private nonisolated(unsafe) var random: SeededRandom

    private var localID: NodeID { self.services.configuration.nodeID }

    init(loop: EventLoop, services: BrokerServices, store: LogStore, fetchers: FetcherPool, seed: UInt64) {
        self.loop = loop
        self.services = services
        self.store = store
        self.fetchers = fetchers
        self.topics = TopicPolicies(configuration: services.configuration)
        self.random = SeededRandom(seed: seed)
        self.placements = DirectoryAssignmentSender(services: services, log: services.log)
    }

    func apply(_ publication: MetadataPublication) {
        self.loop.assertInEventLoop()
        let image = publication.image
        let delta = publication.delta
        self.fetchers.brokersChanged(delta.changedBrokers, image: image)
        for id in delta.deletedTopics.keys.sorted() { self.remove { $0.id.topicID == id } }
        for id in delta.changedPartitions.sorted() { self.apply(id, image) }
        self.applyConfigurations(delta.changedConfigurations, image)
        self.applyBrokers(delta.changedBrokers.sorted(), image)
        self.tellPlacements(of: delta.changedPartitions, image)
    }

    /// Tells the controller where replicas are, of those that it believes elsewhere (KIP-858).
    private func tellPlacements(of partitions: Set<TopicIDPartition>, _ image: MetadataImage) {
        guard (image.metadataVersion ?? .oldest) >= .directoryAssignment else { return }
        var misplaced: [DirectoryAssignments.Assignment] = []
        var settled: [TopicIDPartition] = []
        for id in partitions.sorted() {
            guard let directory = self.store.directoryID(of: id), !self.store.isFailed(id) else { continue }
            if image.topic(id: id.topicID)?[id.partition]?.directory(of: self.localID) == directory {
                settled.append(id)
            } else {
                misplaced.append(.init(id, directory))
            }
        }
        self.placements.settle(settled)
        self.placements.place(misplaced)
    }

    /// Stops the replicas in directories that are out of service; they refuse requests from now on.
    func stopFailed() {
        self.loop.assertInEventLoop()
        var effects = ReplicaEffects()
        for partition in self.services.replicas.all where self.store.isFailed(partition.id) {
            self.fetchers.stopFetching(partition.id)
            partition.stop(refusal: .kafkaStorageError, effects: &effects)
            self.services.carryOut(&effects, of: partition)
        }
    }

    /// Puts the folders aside of partitions that the metadata does not know, or knows elsewhere.
    ///
    /// - Parameter image: the first that is complete; its replicas are open.
    func setStraysAside(_ image: MetadataImage) {
        self.loop.assertInEventLoop()
        self.store.setStraysAside(random: &self.random) { id in
            image.partition(id)?.replicas.contains(self.localID) ?? false
        }
    }

    // MARK: - Partitions

    private func apply(_ id: TopicIDPartition, _ image: MetadataImage) {
        guard let topic = image.topic(id: id.topicID), let state = topic[id.partition],
            state.replicas.contains(self.localID)
        else {
            self.remove { $0.id == id }
            return
        }
        do throws(LogError) {
            let known = self.services.replicas[id]
            let partition = if let known { known } else { try self.open(id, topic, state, image) }
            if !self.store.isFailed(id) { self.assign(partition, state, image) }
        } catch {
            self.services.log.error(
                "cannot open a log",
                [
                    "topic": LogValue(topic.name), "partition": LogValue(id.partition),
                    "error": LogValue("\(error)"),
                ])
        }
    }

    private func open(
        _ id: TopicIDPartition, _ topic: TopicImage, _ state: PartitionState, _ image: MetadataImage
    ) throws(LogError) -> Partition {
        let name = TopicPartition(topic: topic.name, partition: id.partition)
        let partition = try self.store.open(
            id, name: name, directoryID: state.directory(of: self.localID), localID: self.localID,
            policy: self.topics.policy(of: topic.name, image), time: self.loop.clock.wall, seed: self.random.next())
        self.services.replicas.add(partition)
        self.services.replicas.noteFlushInterval(
            of: partition, milliseconds: self.topics.policy(of: topic.name, image).log.flushMilliseconds)
        return partition
    }

    private func assign(_ partition: Partition, _ state: PartitionState, _ image: MetadataImage) {
        let assignment = PartitionAssignment(
            leader: state.leader, leaderEpoch: state.leaderEpoch, partitionEpoch: state.partitionEpoch,
            replicas: state.replicas, isr: state.isr,
            recoveryState: state.leaderRecoveryState)
        var brokers = state.replicas.map { Self.status(of: $0, in: state, image) }
        if !state.replicas.contains(self.localID) { brokers.append(Self.status(of: self.localID, in: state, image)) }
        var effects = ReplicaEffects()
        let outcome = partition.apply(
            assignment, brokers: brokers, now: self.loop.clock.monotonic, effects: &effects)
        self.services.carryOut(&effects, of: partition)
        guard outcome == .newEpoch else { return }
        self.services.log.debug(
            "leadership changed",
            [
                "partition": LogValue(partition.topicPartition), "leader": LogValue(state.leader),
                "epoch": LogValue(state.leaderEpoch),
            ])
        if state.leader == self.localID || state.leader == .none {
            self.fetchers.stopFetching(partition.id)
        } else {
            self.fetchers.fetch(partition, from: state.leader, leaderEpoch: state.leaderEpoch, image: image)
        }
    }

    private func remove(where isGone: (Partition) -> Bool) {
        for partition in self.services.replicas.all where isGone(partition) {
            self.fetchers.stopFetching(partition.id)
            self.services.replicas.remove(partition)
            var effects = ReplicaEffects()
            partition.stop(refusal: .notLeaderOrFollower, effects: &effects)
            self.services.carryOut(&effects, of: partition)
            do {
                try self.store.delete(partition, random: &self.random)
                self.services.log.info("deleted a log", ["partition": LogValue(partition.topicPartition)])
            } catch {
                self.services.log.error(
                    "cannot delete a log",
                    ["partition": LogValue(partition.topicPartition), "error": LogValue(error)])
            }
        }
    }

    // MARK: - Configurations and brokers

    private func applyConfigurations(_ changed: Set<ConfigResource>, _ image: MetadataImage) {
        guard !changed.isEmpty else { return }
        let concernsAll = changed.contains { $0.kind == .broker }
        let names = Set(changed.filter { $0.kind == .topic }.map(\.name))
        var effects = ReplicaEffects()
        for partition in self.services.replicas.all
        where concernsAll || names.contains(partition.topicPartition.topic) {
            let policy = self.topics.policy(of: partition.topicPartition.topic, image)
            partition.policyChanged(policy, now: self.loop.clock.monotonic, effects: &effects)
            self.services.replicas.noteFlushInterval(of: partition, milliseconds: policy.log.flushMilliseconds)
            self.services.carryOut(&effects, of: partition)
        }
    }

    private func applyBrokers(_ changed: [NodeID], _ image: MetadataImage) {
        guard !changed.isEmpty else { return }
        var effects = ReplicaEffects()
        for partition in self.services.replicas.all {
            let state = image.partition(partition.id)
            for broker in changed {
                partition.brokerChanged(
                    Self.status(of: broker, in: state, image), now: self.loop.clock.monotonic, effects: &effects)
            }
            self.services.carryOut(&effects, of: partition)
        }
    }

    /// What the metadata says of a broker, as far as one partition depends on it: one whose replica is in a directory that
    /// is offline cannot come into the ISR, so a leader must not wait for it.
    private static func status(
        of broker: NodeID, in partition: PartitionState?, _ image: MetadataImage
    ) -> BrokerStatus {
        guard let registration = image.brokers[broker] else { return BrokerStatus(id: broker, epoch: nil) }
        let isOffline = partition?.directory(of: broker).map { !registration.hasOnlineDirectory($0) } ?? false
        return BrokerStatus(
            id: broker, epoch: registration.epoch, isFenced: registration.isFenced || isOffline,
            isShuttingDown: registration.isInControlledShutdown)
    }
}
