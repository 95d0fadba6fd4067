package import ApusCore

/// What may break at all: a replicated log keeps its promise only while fewer than `min.insync.replicas` copies are lost.
///
/// A copy is lost where a disk forgets what was acknowledged: power that fails before a flush, a disk that is replaced,
/// bits that turn. A process that is killed loses nothing, since the page cache is the system's.
package final class FaultModel {
    /// Writes that were not synchronized may land in a wrong place when power fails.
    package var misdirectsWrites = false
    /// Whoever lost something and has not caught up.
    package private(set) var damaged: Set<NodeID> = []
    /// Brokers that may be damaged at once.
    package var damagedMax: Int

    private let shape: ClusterShape

    init(shape: ClusterShape) {
        self.shape = shape
        let replication = min(3, shape.brokers.count)
        let minInsync = shape.properties["min.insync.replicas"].flatMap { Int($0) } ?? max(1, replication - 1)
        // Fewer than min.insync.replicas copies; every record is on the disk where each one is flushed.
        self.damagedMax = minInsync - 1
    }

    /// Whether acknowledged records are on the disk of whoever has them.
    package var flushesEachRecord: Bool { self.shape.properties["log.flush.interval.messages"] == "1" }

    /// Whether one more node may lose what it has not synchronized.
    package func mayLosePower(_ node: NodeShape) -> Bool {
        !node.isBroker || self.flushesEachRecord || self.mayBeDamaged(node.id)
    }

    /// Whether one more node may lose its copies.
    package func mayBeDamaged(_ id: NodeID) -> Bool {
        self.damaged.contains(id) || self.damaged.count < self.damagedMax
    }

    package func damage(_ id: NodeID) { self.damaged.insert(id) }

    /// The node has every record of the partitions it holds again.
    package func repaired(_ id: NodeID) { self.damaged.remove(id) }
}
