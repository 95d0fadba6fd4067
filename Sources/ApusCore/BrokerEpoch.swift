/// The term of one registration of a broker: the metadata offset of its registration record.
public struct BrokerEpoch: IntegerValue {
    public var rawValue: Int64

    @inlinable
    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// No registration is known.
    @inlinable
    public static var unknown: BrokerEpoch { -1 }
}
