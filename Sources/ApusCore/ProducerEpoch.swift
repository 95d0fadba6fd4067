/// The term of a producer id; an older one is fenced.
public struct ProducerEpoch: IntegerValue {
    public var rawValue: Int16

    @inlinable
    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// The producer is not idempotent.
    @inlinable
    public static var none: ProducerEpoch { -1 }
}
