/// The id of a broker or a controller: `node.id`.
///
/// Kafka writes -1 where there is no node.
public struct NodeID: IntegerValue {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// No node.
    @inlinable
    public static var none: NodeID { -1 }
}
