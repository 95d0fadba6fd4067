import ApusCore
import Foundation
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Testing

/// The table does what Kafka's does, event by event, over the histories of `ProducerGolden/trace.txt`.
@Suite("Producer states against Kafka")
struct ProducerTraceTests {
    private static let expirationMs: Int64 = 5000

    private struct History {
        var table = ProducerStateTable()

        /// Does what the line says and returns what came of it, in the words of the trace.
        mutating func run(_ line: Substring) throws -> String {
            let fields = line.split(separator: " ")
            let numbers = fields.map { Int64($0) ?? -1 }
            let result: String
            var now = Timestamp(numbers[1])
            switch fields[0] {
            case "D":
                now = Timestamp(numbers[6])
                result = self.append(numbers, origin: fields[7] == "c" ? .client : .coordinator)
            case "M":
                now = Timestamp(numbers[5])
                result = try self.mark(numbers)
            case "H":
                self.table.highWatermarkAdvanced(to: Offset(numbers[1]))
                return "-" + self.offsets + "|"
            case "E":
                self.table.removeExpired(now: now, expirationMs: ProducerTraceTests.expirationMs)
                result = "\(self.table.producerCount)"
            default:
                let bytes = ProducerSnapshotFile.encode(self.table)
                let endOffset = self.table.endOffset
                self.table = ProducerStateTable(
                    try ProducerSnapshotFile.decode(bytes), endOffset: endOffset, now: now,
                    expirationMs: ProducerTraceTests.expirationMs)
                result = bytes.array.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            let isLate = self.table.hasLateTransaction(now: now + 362_000, transactionTimeoutMaxMs: 60_000)
            return result + self.offsets + "|" + (isLate ? "1" : "0")
        }

        private var offsets: String {
            let unstable = self.table.firstUnstableOffset.map { "\($0)" } ?? "-"
            let undecided = self.table.firstUndecidedOffset.map { "\($0)" } ?? "-"
            return "|\(unstable)|\(undecided)"
        }

        private mutating func append(_ numbers: [Int64], origin: KafkaRecords.AppendOrigin) -> String {
            let header = RecordBatchHeader(
                baseOffset: self.table.endOffset, batchLength: 100, leaderEpoch: 0, crc: 0,
                attributes: RecordBatchAttributes(isTransactional: numbers[5] == 1),
                lastOffsetDelta: Int32(numbers[4] - 1), baseTimestamp: Timestamp(numbers[6]),
                maxTimestamp: Timestamp(numbers[6]), producerID: ProducerID(numbers[1]),
                producerEpoch: ProducerEpoch(Int16(numbers[2])), baseSequence: SequenceNumber(Int32(numbers[3])),
                recordCount: Int32(numbers[4]))
            switch self.table.check(header, origin: origin) {
            case .duplicate(let base, let last, let timestamp): return "duplicate:\(base):\(last):\(timestamp)"
            case .refused(let code): return code.description
            case .accepted:
                #expect(self.table.update(header, end: nil) == nil)
                return "accepted"
            }
        }

        private mutating func mark(_ numbers: [Int64]) throws -> String {
            var options = RecordBatchBuilder.Options()
            options.baseOffset = self.table.endOffset
            options.producerID = ProducerID(numbers[1])
            options.producerEpoch = ProducerEpoch(Int16(numbers[2]))
            options.isTransactional = true
            options.isControl = true
            var builder = RecordBatchBuilder(options)
            builder.append(
                control: numbers[4] == 1 ? .abort : .commit,
                value: EndTransactionMarker(coordinatorEpoch: Int32(numbers[3])).encoded,
                timestamp: Timestamp(numbers[5]))
            let bytes = try #require(try builder.finish(scratch: CompressionScratch()))
            let batch = try RecordBatchView(at: bytes)
            let end = try #require(try TransactionEnd(header: batch.header, records: batch.records))
            switch self.table.check(batch.header, end: end, transactionVersion: Int16(numbers[6])) {
            case .duplicate: return "duplicate"
            case .refused(let code): return code.description
            case .accepted:
                guard let aborted = self.table.update(batch.header, end: end) else { return "accepted" }
                return "accepted:\(aborted.firstOffset):\(aborted.lastOffset):\(aborted.lastStableOffset)"
            }
        }
    }

    @Test("the same events have the same outcomes, offsets and snapshots")
    func trace() throws {
        let lines = try ProducerGolden.text("trace.txt").split(separator: "\n")
        var history = History()
        var seed: Substring = ""
        for line in lines {
            if line.hasPrefix("S ") {
                history = History()
                seed = line
                continue
            }
            let parts = line.split(separator: "|", maxSplits: 1)
            var expected = String(parts[1])
            // The trace tells lateness after the high watermark too, at a time that it does not tell.
            if line.hasPrefix("H ") { expected = String(expected.dropLast(1)) }
            let outcome = try history.run(parts[0])
            #expect(outcome == expected, "\(seed): \(parts[0])")
            // What follows a difference only repeats it.
            if outcome != expected { return }
        }
        #expect(lines.count > 2000)
    }
}

/// Files under `ProducerGolden/`; its README tells where they come from.
enum ProducerGolden {
    static func bytes(_ name: String) throws -> ByteSlice {
        let folder = Bundle.module.bundleURL.appendingPathComponent("ProducerGolden")
        return ByteSlice([UInt8](try Data(contentsOf: folder.appendingPathComponent(name))))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try self.bytes(name).array, as: UTF8.self)
    }
}
