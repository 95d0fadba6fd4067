package import ApusCore

/// One topic: its name, its id, and its partitions.
///
/// Partitions are numbered without gaps from 0, so the index of a partition is its position.
package struct TopicImage: Hashable, Sendable {
    package let name: String
    package let id: TopicID
    package internal(set) var partitions: [PartitionState]

    package init(name: String, id: TopicID, partitions: [PartitionState] = []) {
        self.name = name
        self.id = id
        self.partitions = partitions
    }

    /// The partition with this index; nil where there is none.
    package subscript(index: PartitionIndex) -> PartitionState? {
        let position = Int(index.rawValue)
        return self.partitions.indices.contains(position) ? self.partitions[position] : nil
    }

    /// The indexes of the partitions, ascending.
    package var partitionIndexes: some Collection<PartitionIndex> {
        (0..<Int32(self.partitions.count)).lazy.map { PartitionIndex(rawValue: $0) }
    }
}
