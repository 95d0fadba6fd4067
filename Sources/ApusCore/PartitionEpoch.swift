/// The version of a partition's state in the metadata log. It grows with every change of leader, ISR or replicas.
public struct PartitionEpoch: IntegerValue {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }
}
