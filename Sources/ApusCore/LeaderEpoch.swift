/// The term of a leader, of a partition or of the metadata quorum. It grows with every election.
public struct LeaderEpoch: IntegerValue {
    public var rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// No epoch is known.
    @inlinable
    public static var unknown: LeaderEpoch { -1 }
}
