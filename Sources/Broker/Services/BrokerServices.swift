package import ApusCore
import ClusterMetadata
package import Configuration
package import EventLoop
import Replication
import Synchronization
package import Telemetry

/// What the request handlers of one broker share.
package final class BrokerServices: Sendable {
    package let configuration: BrokerConfiguration
    package let clusterID: String
    package let metadata: PublishedMetadata
    package let loops: ServingLoops
    package let replicas: ReplicaRegistry
    package let proposals: ISRProposalSender
    package let controller: ControllerChannel
    package let storageWork: StorageWork
    package let log: Logger
    package let clock: NodeClock
    /// Seeds for whoever draws from randomness of its own.
    let seeds: SeedSource
    /// What moves through the broker, for whoever reads the metrics.
    package let traffic = BrokerTraffic()
    let fetchSessions: Mutex<FetchSessionCache>
    let producerIDs: ProducerIDBlocks
    let topicCreation: AutoTopicCreation
    let suspicions = PeerSuspicions()
    private let registration = Atomic<Int64>(BrokerEpoch.unknown.rawValue)

    package init(
        configuration: BrokerConfiguration, clusterID: String, metadata: PublishedMetadata, loops: ServingLoops,
        controller: ControllerChannel, storageWork: StorageWork, log: Logger, clock: NodeClock, seed: UInt64
    ) {
        self.configuration = configuration
        self.clusterID = clusterID
        self.metadata = metadata
        self.loops = loops
        self.replicas = ReplicaRegistry()
        self.controller = controller
        self.proposals = ISRProposalSender(controller: controller, localID: configuration.nodeID)
        self.storageWork = storageWork
        self.log = log
        self.clock = clock
        self.seeds = SeedSource(seed: seed)
        self.fetchSessions = Mutex(FetchSessionCache(seed: self.seeds.next()))
        self.producerIDs = ProducerIDBlocks(controller: controller)
        self.topicCreation = AutoTopicCreation(controller: controller, metadata: metadata, configuration: configuration)
    }

    /// The epoch of this broker's registration; -1 before it is registered.
    package var brokerEpoch: BrokerEpoch {
        get { BrokerEpoch(self.registration.load(ordering: .relaxed)) }
        set { self.registration.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Partitions that one answer to DescribeTopicPartitions holds at most: `max.request.partition.size.limit`.
    var describedPartitionsMax: Int { self.configuration.settings.int("max.request.partition.size.limit") }

    /// Carries out what a partition's inputs asked for, outside of its lock, and empties `effects`.
    func carryOut(_ effects: inout ReplicaEffects, of partition: Partition) {
        guard !effects.isEmpty else { return }
        if effects.hasLogFailed { self.storageWork.failures.report(partition) }
        if let proposal = effects.proposal { self.proposals.enqueue(proposal, of: partition, services: self) }
        self.loops.wake(effects)
        effects.removeAll()
    }
}
