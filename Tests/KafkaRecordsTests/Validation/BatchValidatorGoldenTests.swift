import ApusCore
import KafkaPrimitives
import KafkaRecords
import Testing

/// The validator says what Kafka's does, over every case of `Golden/validator-cases.txt`.
@Suite("Batch validation against Kafka")
struct BatchValidatorGoldenTests {
    /// Where we are meant to differ: Kafka does not look at offset deltas, and ignores some of what may follow
    /// compressed records.
    private static let stricter: Set<String> = [
        "offset delta 3", "offset delta -1", "lz4 a byte too many", "gzip a byte too many",
        "snappy a byte too many",
    ]

    @Test("has the same outcome, stores the same header and blames the same records")
    func outcomes() throws {
        let scratch = CompressionScratch()
        var differences: [String] = []
        let lines = try Golden.lines("validator-cases.txt")
        for line in lines {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            let ours = try self.outcome(of: ByteSlice(hexadecimal: fields[2]), rules: fields[1], scratch: scratch)
            let theirs = Self.stricter.contains(fields[0]) ? "INVALID_RECORD" : self.translated(fields[3])
            if ours != theirs { differences.append("\(fields[0]): \(ours), Kafka says \(theirs)") }
        }
        #expect(lines.count > 300)
        #expect(differences == [])
    }

    /// Kafka lets decompression errors and unknown codecs fall through to UNKNOWN_SERVER_ERROR, which makes some
    /// clients try for ever; we name what is wrong.
    private func translated(_ outcome: String) -> String {
        outcome == "UNKNOWN_SERVER_ERROR" ? "INVALID_RECORD" : outcome
    }

    private func outcome(of bytes: ByteSlice, rules: String, scratch: CompressionScratch) throws -> String {
        let validator = BatchValidator(rules: try self.rules(rules))
        do throws(RecordError) {
            switch try validator.validate(
                produced: bytes, version: 11, now: 1_700_000_000_000, scratch: scratch)
            {
            case .append(let accepted):
                var front = [UInt8](repeating: 0, count: RecordBatchHeader.size)
                let patch = accepted.patch(baseOffset: 1000, leaderEpoch: 7)
                front.withUnsafeMutableBytes { buffer in
                    if let start = buffer.baseAddress { patch.write(for: accepted.batch, to: start) }
                }
                return "APPEND:" + front.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .rewrite(let rewrite):
                let rewritten = try rewrite.run(scratch: scratch)
                let header = rewritten.patch(baseOffset: 1000, leaderEpoch: 7).header(for: rewritten.batch)
                #expect(rewritten.batch.hasValidChecksum)
                let fields: [String] = [
                    header.compression.map { "\($0.rawValue)" } ?? "", "\(header.maxTimestamp)",
                    "\(header.timestampType.rawValue)", "\(header.lastOffset)", "\(header.recordCount)",
                ]
                return "REWRITE:" + fields.joined(separator: ",")
            }
        } catch {
            let code = error.code == .unsupportedCompression ? .invalidRecord : error.code.errorCode
            return ([code.description] + error.rejections.map { "\($0.index)" }).joined(separator: ":")
        }
    }

    private func rules(_ text: String) throws -> TopicRecordRules {
        let fields = text.split(separator: ",")
        var rules = TopicRecordRules()
        rules.isCompacted = fields[0] == "1"
        rules.timestampType = fields[1] == "1" ? .logAppendTime : .createTime
        rules.timestampBeforeMaxMs = try #require(Int64(fields[2]))
        rules.timestampAfterMaxMs = try #require(Int64(fields[3]))
        rules.messageBytesMax = try #require(Int(fields[4]))
        if let codec = CompressionCodec(name: String(fields[5])) { rules.compression = .fixed(.init(codec)) }
        return rules
    }
}
