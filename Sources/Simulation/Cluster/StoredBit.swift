package import ApusCore
import KafkaRecords

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
        guard let batch = self.batches(of: segment).randomElement(using: &random) else { return nil }
        return self.choose(from: batch.lowerBound + Self.unprotected..<batch.upperBound, &random)
    }

    /// Chooses one in the records that a read of `range` returns; nil where there is none. Headers stay as they are: who
    /// looks for a batch reads them alone, and no checksum is there to tell.
    package static func choose(
        in segment: [UInt8], within range: Range<Int>, _ random: inout SeededRandom
    ) -> StoredBit? {
        let records = self.batches(of: segment)
            .map { ($0.lowerBound + RecordBatchHeader.size..<$0.upperBound).clamped(to: range) }
        return records.filter { !$0.isEmpty }.randomElement(using: &random).map { self.choose(from: $0, &random) }
    }

    private static func choose(from range: Range<Int>, _ random: inout SeededRandom) -> StoredBit {
        StoredBit(
            offset: Int.random(in: range, using: &random), mask: 1 << UInt8.random(in: 0...7, using: &random))
    }

    private static func batches(of segment: [UInt8]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var position = 0
        while position + Self.unprotected < segment.count {
            let length = segment[position + 8..<position + Self.lengthEnd].reduce(0) { $0 << 8 | Int($1) }
            let end = position + Self.lengthEnd + length
            guard end > position + Self.unprotected, end <= segment.count else { break }
            batches.append(position..<end)
            position = end
        }
        return batches
    }
}
