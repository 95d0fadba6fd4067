/// The id of an idempotent or transactional producer.
public struct ProducerID: IntegerValue {
    public var rawValue: Int64

    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The producer is not idempotent.
    @inlinable
    public static var none: ProducerID { -1 }
}
