package import ApusCore

/// A bit of a stored batch that its checksum covers: offsets and epochs before it turn unnoticed, in Kafka's format too.
package struct StoredBit: Hashable, Sendable {
    package var offset: Int
    package var mask: UInt8

    /// What lies before the checksum of a batch: base offset, length, leader epoch and format.
    private static let unprotected = 17
    /// Base offset and length, which the length does not count.
    private static let lengthEnd = 12

    /// Chooses one in the batches of a segment; nil where there is none.
    package static func choose(in segment: [UInt8], _ random: inout SeededRandom) -> StoredBit? {
        var batches: [Range<Int>] = []
        var position = 0
        while position + Self.unprotected < segment.count {
            let length = segment[position + 8..<position + Self.lengthEnd].reduce(0) { $0 << 8 | Int($1) }
            let end = position + Self.lengthEnd + length
            guard end > position + Self.unprotected, end <= segment.count else { break }
            batches.append(position..<end)
            position = end
        }
        guard let batch = batches.randomElement(using: &random) else { return nil }
        let offset = Int.random(in: batch.lowerBound + Self.unprotected..<batch.upperBound, using: &random)
        return StoredBit(offset: offset, mask: 1 << UInt8.random(in: 0...7, using: &random))
    }
}
