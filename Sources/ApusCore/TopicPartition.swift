/// A partition by the name of its topic, as old clients and file names know it.
public struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var topic: String
    public var partition: PartitionIndex

    @inlinable
    public init(topic: String, partition: PartitionIndex) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (lhs: TopicPartition, rhs: TopicPartition) -> Bool {
        (lhs.topic, lhs.partition) < (rhs.topic, rhs.partition)
    }

    /// The name of the partition's folder: `topic-index`.
    public var description: String { "\(self.topic)-\(self.partition)" }
}

/// A partition by the id of its topic, which survives a deletion and re-creation under the same name.
public struct TopicIDPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var topicID: TopicID
    public var partition: PartitionIndex

    @inlinable
    public init(topicID: TopicID, partition: PartitionIndex) {
        self.topicID = topicID
        self.partition = partition
    }

    public static func < (lhs: TopicIDPartition, rhs: TopicIDPartition) -> Bool {
        (lhs.topicID, lhs.partition) < (rhs.topicID, rhs.partition)
    }

    public var description: String { "\(self.topicID)-\(self.partition)" }
}
