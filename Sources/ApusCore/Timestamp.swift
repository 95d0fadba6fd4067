/// Milliseconds since 1970-01-01 UTC. -1 is Kafka's "none".
public struct Timestamp: IntegerValue {
    public var rawValue: Int64

    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// No timestamp.
    @inlinable
    public static var none: Timestamp { -1 }
}
