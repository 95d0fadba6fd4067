package import ApusCore

/// Who a replica of the metadata log is: its node and the directory its log lives in (KIP-853).
///
/// A static voter set (`controller.quorum.voters`) does not know directories; there the directory id is zero, which
/// matches every directory of that node.
package struct ReplicaKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var id: NodeID
    /// Zero where it is not known.
    package var directoryID: KafkaUUID

    package init(id: NodeID, directoryID: KafkaUUID = .zero) {
        self.id = id
        self.directoryID = directoryID
    }

    /// Whether `replica` is the one meant here: the same node, and the same directory unless this key leaves it open.
    package func matches(_ replica: ReplicaKey) -> Bool {
        self.id == replica.id && (self.directoryID == .zero || self.directoryID == replica.directoryID)
    }

    package static func < (lhs: ReplicaKey, rhs: ReplicaKey) -> Bool {
        (lhs.id, lhs.directoryID) < (rhs.id, rhs.directoryID)
    }

    package var description: String {
        self.directoryID == .zero ? "\(self.id)" : "\(self.id)@\(self.directoryID)"
    }
}
