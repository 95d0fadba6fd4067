/// The buckets of a histogram: 16 of equal width for every doubling, so that a value is known to 1/16 of itself.
package enum HistogramScale {
    private static let subBits = 4
    private static let subCount = 1 << Self.subBits

    /// Buckets for all values of 64 bits.
    package static let bucketCount = (64 - Self.subBits + 1) * Self.subCount

    /// The bucket that `value` falls into.
    package static func bucket(of value: UInt64) -> Int {
        if value < UInt64(Self.subCount) { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let shift = exponent - Self.subBits
        return (shift + 1) * Self.subCount + Int((value >> UInt64(shift)) & UInt64(Self.subCount - 1))
    }

    /// The largest value of a bucket.
    package static func lastValue(of bucket: Int) -> UInt64 {
        if bucket < Self.subCount { return UInt64(bucket) }
        let shift = UInt64(bucket / Self.subCount - 1)
        let first = UInt64(Self.subCount + bucket % Self.subCount) << shift
        return first + ((1 << shift) - 1)
    }
}
