/// The index of a partition within its topic, from 0.
public struct PartitionIndex: IntegerValue {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}
