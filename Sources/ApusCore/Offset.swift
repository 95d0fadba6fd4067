/// The position of a record in a partition, or of the record after it where an end is meant.
///
/// Names tell which: `endOffset` is half open, `lastOffset` is inclusive. -1 is Kafka's "unknown".
public struct Offset: IntegerValue {
    public var rawValue: Int64

    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// No offset is known.
    @inlinable
    public static var unknown: Offset { -1 }
}
