package import ApusCore

/// What may break at all: a replicated log keeps its promise only while fewer than `min.insync.replicas` copies are lost.
///
/// A copy is lost where a disk forgets what was acknowledged: power that fails before a flush, or a disk that is replaced.
/// A process that is killed loses nothing, since the page cache is the system's. A copy counts as lost until its broker
/// is in the ISR of all its partitions again.
package final class FaultModel {
    /// Writes that were not synchronized may land in a wrong place when power fails.
    package var misdirectsWrites = false
    /// Brokers that lost something and have not caught up.
    package private(set) var damaged: Set<NodeID> = []
    /// Some broker has lost copies at some time: a partition whose other replicas were killed meanwhile may lose records
    /// then, for a killed broker counts as one that lost its page cache.
    package private(set) var hasDamaged = false
    /// Brokers that may be damaged at once: fewer than the least `min.insync.replicas` of any topic.
    package var damagedMax: Int

    private let shape: ClusterShape

    init(shape: ClusterShape) {
        self.shape = shape
        let replication = min(3, shape.brokers.count)
        let minInsync = shape.properties["min.insync.replicas"].flatMap { Int($0) } ?? max(1, replication - 1)
        self.damagedMax = minInsync - 1
        self.flushesEachRecord = shape.flushesEachRecord
    }

    /// Whether acknowledged records are on the disk of whoever has them: losing power loses none then.
    package private(set) var flushesEachRecord: Bool

    /// Whether a node may lose what it has not synchronized. The metadata log is synchronized before anybody is told.
    package func mayLosePower(_ node: NodeShape) -> Bool {
        !node.isBroker || self.flushesEachRecord || self.mayBeDamaged(node.id)
    }

    /// Whether a node may lose its power together with all others of which that is true.
    package func mayLosePowerTogether(_ node: NodeShape) -> Bool { !node.isBroker || self.flushesEachRecord }

    /// Whether a node may get an empty disk. A controller's own log must not be on it: a voter that forgets what it
    /// has voted for breaks the quorum's rules.
    package func mayReplaceDisk(_ node: NodeShape) -> Bool {
        node.isBroker && (!node.isController || node.hasMetadataDirectory) && self.damagedMax > 0
            && self.mayBeDamaged(node.id)
    }

    private func mayBeDamaged(_ id: NodeID) -> Bool {
        self.damaged.contains(id) || self.damaged.count < self.damagedMax
    }

    /// Somebody asks for a topic to be flushed after so many records.
    package func askedToFlush(after messages: String) {
        if messages != "1" { self.flushesEachRecord = false }
    }

    package func damage(_ id: NodeID) {
        self.damaged.insert(id)
        self.hasDamaged = true
    }

    /// The node has every record of the partitions it holds again.
    package func repaired(_ id: NodeID) { self.damaged.remove(id) }
}
