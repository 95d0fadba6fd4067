/// The identity of a topic, which a topic created later under the same name does not share (KIP-516).
public struct TopicID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var uuid: KafkaUUID

    @inlinable
    public init(_ uuid: KafkaUUID) {
        self.uuid = uuid
    }

    /// No topic id: what versions before topic ids existed carry.
    @inlinable
    public static var zero: TopicID { TopicID(.zero) }

    @inlinable
    public static func < (lhs: TopicID, rhs: TopicID) -> Bool {
        lhs.uuid < rhs.uuid
    }

    public var description: String { self.uuid.description }
}
