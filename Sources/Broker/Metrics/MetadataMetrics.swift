package import ApusCore
package import EventLoop
package import Telemetry

/// The metrics of what a node knows of the cluster; every node has them.
package final class MetadataMetrics: Sendable {
    private let metadata: PublishedMetadata
    private let nodeID: NodeID
    private let clock: NodeClock
    private let census = RecentValue<MetadataCensus>(age: .seconds(1))

    /// Registers everything; values are worked out when somebody reads them.
    package init(registry: MetricRegistry, metadata: PublishedMetadata, nodeID: NodeID, clock: NodeClock = .system) {
        self.metadata = metadata
        self.nodeID = nodeID
        self.clock = clock
        registry.gauge("apus_controller_active", "1 while this node is the active controller.") {
            self.metadata.current.controller == self.nodeID ? 1 : 0
        }
        registry.gauge("apus_controller_known", "1 while this node knows an active controller.") {
            self.metadata.current.controller == .none ? 0 : 1
        }
        registry.gauge("apus_metadata_applied_offset", "The end of the metadata log as far as it is applied.") {
            Double(self.metadata.current.endOffset.rawValue)
        }
        self.register(registry, "apus_cluster_brokers_fenced", "Registered brokers that are fenced.", \.fencedBrokers)
        self.register(
            registry, "apus_cluster_brokers_active", "Registered brokers that are not fenced.", \.activeBrokers)
        self.register(registry, "apus_cluster_topics", "Topics of the cluster.", \.topics)
        self.register(registry, "apus_cluster_partitions", "Partitions of the cluster.", \.partitions)
        self.register(
            registry, "apus_cluster_partitions_offline", "Partitions of the cluster without a leader.",
            \.offlinePartitions)
        self.register(
            registry, "apus_cluster_partitions_off_preferred_leader",
            "Partitions of the cluster led by another replica than the preferred one.", \.partitionsOffPreferredLeader)
    }

    private func register(
        _ registry: MetricRegistry, _ name: MetricName, _ help: String,
        _ figure: any KeyPath<MetadataCensus, Int> & Sendable
    ) {
        registry.gauge(name, help) {
            let census = self.census.value(now: self.clock.monotonic) { MetadataCensus(self.metadata.current.image) }
            return Double(census[keyPath: figure])
        }
    }
}
