package import ApusCore
package import KafkaPrimitives

/// Which partition a key belongs to: as Kafka's clients decide, so that all writers of a topic agree. Pure.
///
/// Source: Kafka's default partitioner: murmur2 with seed 0x9747b28c, its sign bit cleared, modulo the partitions.
package enum KeyPartitioner {
    package static func partition(of key: ByteSlice, count: Int) -> PartitionIndex {
        precondition(count > 0)
        return PartitionIndex(Int32(Int(self.murmur2(key) & 0x7fff_ffff) % count))
    }

    /// MurmurHash2 of 32 bits.
    static func murmur2(_ key: ByteSlice) -> UInt32 {
        key.withUnsafeBytes { bytes in
            let multiplier: UInt32 = 0x5bd1_e995
            var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
            let words = bytes.count / 4
            for word in 0..<words {
                var value = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
                value = value &* multiplier
                value ^= value >> 24
                value = value &* multiplier
                hash = (hash &* multiplier) ^ value
            }
            let rest = bytes.count % 4
            if rest > 0 {
                for index in (0..<rest).reversed() {
                    hash ^= UInt32(bytes[words * 4 + index]) << UInt32(8 * index)
                }
                hash = hash &* multiplier
            }
            hash ^= hash >> 13
            hash = hash &* multiplier
            return hash ^ (hash >> 15)
        }
    }
}
