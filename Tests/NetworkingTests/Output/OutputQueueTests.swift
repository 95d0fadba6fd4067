import ApusCore
import KafkaPrimitives
import Networking
import Testing

@Suite("Output queue")
struct OutputQueueTests {
    private final class Owner: Sendable {}

    /// A message with files between its bytes, and what it is on the wire; a file's byte at offset n is n mod 251.
    private func message(tag: UInt64, using random: inout SeededRandom) -> (OutgoingMessage, [UInt8]) {
        var writer = ByteWriter()
        var wire: [UInt8] = []
        for _ in 0..<Int.random(in: 0..<4, using: &random) {
            for _ in 0..<Int.random(in: 0..<20, using: &random) {
                let byte = UInt8.random(in: 0...255, using: &random)
                writer.writeInteger(byte)
                wire.append(byte)
            }
            let offset = Int64.random(in: 0..<1000, using: &random)
            let count = Int.random(in: 1..<30, using: &random)
            let region = FileRegion(owner: Owner(), descriptor: 0, offset: offset, count: count)
            writer.writeRecords(.file(region), compact: false)
            wire += [0, 0, 0, UInt8(count)] + (0..<count).map { UInt8((offset + Int64($0)) % 251) }
        }
        let length = withUnsafeBytes(of: UInt32(wire.count).bigEndian) { Array($0) }
        return (OutgoingMessage(writer, tag: tag), length + wire)
    }

    private func bytes(of piece: OutgoingMessage.Piece) -> [UInt8] {
        switch piece {
        case .prefix(let word, let skip): withUnsafeBytes(of: word) { Array($0[skip...]) }
        case .bytes(let slice): slice.array
        case .file(let region): (0..<region.count).map { UInt8((region.offset + Int64($0)) % 251) }
        }
    }

    @Test("whatever each call takes, the wire sees every byte once and in order", arguments: 0..<50)
    func partial(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = OutputQueue()
        var expected: [UInt8] = []
        var sent: [UInt8] = []
        var finished: [UInt64] = []
        for tag in 0..<UInt64(20) {
            let (message, wire) = self.message(tag: tag, using: &random)
            queue.append(message)
            expected += wire
            while queue.unsentBytes > 0, Bool.random(using: &random) {
                var cursor = queue.start
                var gathered: [UInt8] = []
                for _ in 0..<Int.random(in: 1..<6, using: &random) {
                    guard let piece = queue.next(&cursor) else { break }
                    gathered += self.bytes(of: piece)
                }
                let taken = Int.random(in: 0...gathered.count, using: &random)
                sent += gathered[..<taken]
                queue.advance(by: taken) { finished.append($0) }
            }
        }
        var cursor = queue.start
        while let piece = queue.next(&cursor) { sent += self.bytes(of: piece) }
        queue.advance(by: queue.unsentBytes) { finished.append($0) }
        #expect(sent == expected, "seed \(seed)")
        #expect(finished == Array(0..<20), "seed \(seed)")
        #expect(queue.isEmpty)
    }
}
