package import ApusCore

/// The name of a partition's folder within a log directory, and what state of the partition it means.
package struct PartitionFolder: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// `topic-0`: the partition's log.
        case current
        /// `topic-0.<id>-future`: a copy on its way into this log directory.
        case future
        /// `topic-0.<id>-delete`: to be removed.
        case deleted
        /// `topic-0.<id>-stray`: of a partition that this broker no longer has.
        case stray
    }

    package var name: String
    package var partition: TopicPartition
    package var state: State

    /// The topic of the metadata quorum, whose folder is no ordinary partition's.
    package static let metadataTopic = "__cluster_metadata"
    /// File names may not be longer than this.
    private static let nameBytesMax = 255

    /// The folder of a partition's log.
    package init(_ partition: TopicPartition) {
        self.name = partition.description
        self.partition = partition
        self.state = .current
    }

    /// What a folder's name means; nil where it is no partition's. The topic of a long name may have been cut.
    package init?(name: String) {
        var rest = Substring(name)
        var state = State.current
        for (suffix, suffixState) in Self.suffixes where name.hasSuffix(suffix) {
            guard let dot = name.dropLast(suffix.count).lastIndex(of: ".") else { continue }
            rest = name[..<dot]
            state = suffixState
            break
        }
        guard let dash = rest.lastIndex(of: "-"), dash != rest.startIndex else { return nil }
        let digits = rest[rest.index(after: dash)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let index = Int32(digits) else {
            return nil
        }
        self.name = name
        self.partition = TopicPartition(topic: String(rest[..<dash]), partition: PartitionIndex(index))
        self.state = state
    }

    private static let suffixes: [(String, State)] = [("-delete", .deleted), ("-future", .future), ("-stray", .stray)]

    /// The name of this partition's folder in another state; `id` makes it unlike all others.
    package func renamed(to state: State, id: KafkaUUID) -> PartitionFolder {
        guard let suffix = Self.suffixes.first(where: { $0.1 == state })?.0 else {
            return PartitionFolder(self.partition)
        }
        let ending = "." + Self.hexadecimal(id.high) + Self.hexadecimal(id.low) + suffix
        let index = "-\(self.partition.partition)"
        let topic = self.partition.topic.prefix(Self.nameBytesMax - ending.utf8.count - index.utf8.count)
        var folder = self
        folder.name = topic + index + ending
        folder.state = state
        return folder
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
