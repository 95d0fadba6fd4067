import ApusCore
import Configuration
import EventLoop
import FileSystem
import LogStorage
package import Telemetry

/// The metrics of the broker role: what moved through it, its replicas and its logs.
package final class BrokerMetrics: Sendable {
    private let services: BrokerServices
    private let census = RecentValue<PartitionCensus>(age: .seconds(1))
    private let zoneRisk = RecentValue<ZoneRiskCensus>(age: .seconds(1))

    /// Registers everything; what is counted is counted elsewhere, the rest is worked out when somebody reads it.
    package init(registry: MetricRegistry, services: BrokerServices, store: LogStore) {
        self.services = services
        self.registerTraffic(registry)
        self.countZones([FetchTraffic.unnamedZone, FetchTraffic.unknownZone], registry)
        self.registerReplicas(registry)
        registry.gauge("apus_log_open_files", "Files that logs hold open.") {
            // The directories of a node share one cache.
            Double(store.directories.first?.directory.cache.openCount ?? 0)
        }
        registry.gauge("apus_log_directories_failed", "Log directories that are out of service.") {
            Double(store.failedDirectoryIDs.count)
        }
        registry.gauge("apus_broker_epoch", "The epoch of the registration; -1 before there is one.") {
            Double(services.brokerEpoch.rawValue)
        }
    }

    /// Shows what is fetched for readers in these zones; where this broker has no zone itself nothing is told apart.
    package func countZones(_ zones: [String], _ registry: MetricRegistry) {
        guard let ownZone = self.services.configuration.rack else { return }
        let traffic = self.services.traffic
        for (reader, fetched) in [("consumer", traffic.consumed), ("follower", traffic.replicated)] {
            for zone in zones {
                guard let counter = fetched.count(zone: zone) else { continue }
                registry.counter(
                    "apus_fetched_bytes_by_zone_total",
                    "Bytes of records given to readers, by this broker's zone and theirs.",
                    ["reader": reader, "from": ownZone, "to": zone]
                ) { Double(counter.value) }
            }
        }
    }

    private func registerTraffic(_ registry: MetricRegistry) {
        let traffic = self.services.traffic
        func show(_ name: MetricName, _ help: String, _ counter: Counter, _ labels: MetricLabels = [:]) {
            registry.counter(name, help, labels) { Double(counter.value) }
        }
        show("apus_produced_batches_total", "Batches appended for producers.", traffic.producedBatches)
        show("apus_produced_records_total", "Records appended for producers.", traffic.producedRecords)
        show("apus_produced_bytes_total", "Bytes appended for producers, as stored.", traffic.producedBytes)
        for (reader, fetched) in [("consumer", traffic.consumed), ("follower", traffic.replicated)] {
            show("apus_fetched_bytes_total", "Bytes of records given to readers.", fetched.bytes, ["reader": reader])
            show(
                "apus_fetched_across_zones_bytes_total",
                "Bytes of records given to readers in another rack, where both racks are known.",
                fetched.bytesAcrossZones, ["reader": reader])
        }
        show("apus_isr_shrinks_total", "Times that the ISR of a partition led here lost members.", traffic.isrShrinks)
        show(
            "apus_isr_expansions_total", "Times that the ISR of a partition led here gained members.",
            traffic.isrExpansions)
        show(
            "apus_leader_elections_total", "Changes of partitions' leaders seen in the metadata.",
            traffic.leaderElections)
    }

    private func registerReplicas(_ registry: MetricRegistry) {
        self.register(registry, "apus_partitions_replicas", "Replicas on this broker.") { Double($0.replicas) }
        self.register(registry, "apus_partitions_leaders", "Partitions led by this broker.") { Double($0.leaders) }
        self.register(
            registry, "apus_partitions_under_replicated", "Partitions led here with replicas out of the ISR."
        ) { Double($0.underReplicated) }
        self.register(
            registry, "apus_partitions_under_min_isr",
            "Partitions led here with fewer in sync than min.insync.replicas."
        ) { Double($0.underMinISR) }
        registry.gauge(
            "apus_partitions_zone_loss_below_min_isr",
            "Partitions led here that would fall below min.insync.replicas with the loss of one zone."
        ) {
            let census = self.zoneRisk.value(now: MonotonicClock.now()) {
                ZoneRiskCensus(
                    self.services.metadata.current.image, leader: self.services.configuration.nodeID,
                    defaultMinInsyncReplicas: self.services.configuration.topicDefaults.minInsyncReplicas)
            }
            return Double(census.partitionCount)
        }
        self.register(
            registry, "apus_partitions_isr_changes_pending", "Partitions led here whose ISR change is under way."
        ) { Double($0.pendingISRChanges) }
        self.register(registry, "apus_log_size_bytes", "Bytes of all segments.") { Double($0.logBytes) }
        self.register(registry, "apus_log_segments", "Segments of all logs.") { Double($0.segments) }
        self.register(registry, "apus_log_failed", "Logs that failed and take nothing more.") { Double($0.failedLogs) }
    }

    private func register(
        _ registry: MetricRegistry, _ name: MetricName, _ help: String,
        _ figure: @escaping @Sendable (PartitionCensus) -> Double
    ) {
        registry.gauge(name, help) {
            figure(
                self.census.value(now: self.services.clock.monotonic) { PartitionCensus(self.services.replicas.all) })
        }
    }
}
