/// The number of a record among those that a producer epoch wrote to a partition; after the largest comes 0.
public struct SequenceNumber: IntegerValue {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The producer is not idempotent.
    @inlinable
    public static var none: SequenceNumber { -1 }
}

extension SequenceNumber {
    /// The number that lies `count` further on, past the largest back at 0.
    @inlinable
    public func advanced(by count: Int32) -> SequenceNumber {
        SequenceNumber((self.rawValue &+ count) & Int32.max)
    }
}
