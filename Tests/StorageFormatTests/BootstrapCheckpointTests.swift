import ApusCore
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages
import StorageFormat
import Testing

@Suite("The bootstrap checkpoint")
struct BootstrapCheckpointTests {
    @Test("its bytes are Kafka's but for times and checksums")
    func golden() throws {
        let ours = try Self.batches(ByteSlice(BootstrapCheckpoint(FeatureChoice()).encode(now: 1_795_261_468_163)))
        let theirs = try Self.batches(ByteSlice(KafkaFiles.bootstrap))
        #expect(ours == theirs)
    }

    @Test("what Kafka wrote is read")
    func decode() throws {
        let checkpoint = try BootstrapCheckpoint(decoding: ByteSlice(KafkaFiles.bootstrap))
        #expect(checkpoint == BootstrapCheckpoint(FeatureChoice()))
        #expect(checkpoint.records.count == 6)
    }

    @Test("a file that is damaged anywhere is refused")
    func damage() {
        let whole = KafkaFiles.bootstrap
        for count in 0..<whole.count {
            #expect(throws: StorageFormatError(.malformedCheckpoint, "")) {
                try BootstrapCheckpoint(decoding: ByteSlice(Array(whole.prefix(count))))
            }
        }
        // The batch of records is at 83..<336; its base offset and leader epoch lie outside the checksum.
        for index in 83..<336 where (91..<95).contains(index) || index >= 83 + 16 {
            var bytes = whole
            bytes[index] ^= 0x10
            #expect(throws: StorageFormatError(.malformedCheckpoint, ""), "byte \(index)") {
                try BootstrapCheckpoint(decoding: ByteSlice(bytes))
            }
        }
    }

    @Test(
        "releases and features are chosen as Kafka chooses them",
        arguments: [
            (
                nil, [],
                [
                    "metadata.version=30", "eligible.leader.replicas.version=1", "group.version=1",
                    "share.version=1", "streams.version=1", "transaction.version=2",
                ]
            ),
            ("4.0-IV3", [], ["metadata.version=25", "group.version=1", "transaction.version=2"]),
            (
                "4.1", [],
                [
                    "metadata.version=27", "eligible.leader.replicas.version=1", "group.version=1",
                    "transaction.version=2",
                ]
            ),
            ("3.3-IV3", ["streams.version=1"], ["metadata.version=7", "streams.version=1"]),
            (nil, ["metadata.version=20"], ["metadata.version=20"]),
            (
                nil, ["group.version=0", "share.version=0"],
                [
                    "metadata.version=30",
                    "eligible.leader.replicas.version=1", "streams.version=1", "transaction.version=2",
                ]
            ),
        ] as [(String?, [String], [String])])
    func features(release: String?, features: [String], expected: [String]) throws {
        let checkpoint = BootstrapCheckpoint(try FeatureChoice(release: release, features: features))
        let found = checkpoint.records.map { record in
            guard case .featureLevel(let level) = record else { return "another record" }
            return "\(level.name)=\(level.featureLevel)"
        }
        #expect(found == expected)
    }

    @Test(
        "a choice that makes no sense is refused in Kafka's words",
        arguments: [
            (
                nil, ["foo=0"],
                "Unsupported feature: foo. Supported features are: eligible.leader.replicas.version, "
                    + "group.version, kraft.version, share.version, streams.version, transaction.version"
            ),
            (nil, ["group.version=9"], "No feature:group.version with feature level 9"),
            (nil, ["group.version"], "Can't parse feature=level string group.version: equals sign not found."),
            (
                "9.0", [],
                "Unknown metadata.version '9.0'. Supported metadata.version are: 3.3-IV3, 3.4-IV0, 3.5-IV0, "
                    + "3.5-IV1, 3.5-IV2, 3.6-IV0, 3.6-IV1, 3.6-IV2, 3.7-IV0, 3.7-IV1, 3.7-IV2, 3.7-IV3, 3.7-IV4, "
                    + "3.8-IV0, 3.9-IV0, 4.0-IV0, 4.0-IV1, 4.0-IV2, 4.0-IV3, 4.1-IV0, 4.1-IV1, 4.2-IV0, 4.2-IV1, 4.3-IV0"
            ),
        ] as [(String?, [String], String)])
    func refusals(release: String?, features: [String], message: String) {
        do {
            _ = try FeatureChoice(release: release, features: features)
            Issue.record("accepted")
        } catch {
            #expect(error.message == message)
        }
    }

    /// The batches of a snapshot without what depends on the time.
    static func batches(_ bytes: ByteSlice) throws -> [String] {
        var scanner = LogEntryScanner(bytes)
        var batches: [String] = []
        while case .batch(let batch)? = try scanner.next() {
            #expect(batch.hasValidChecksum)
            var header = batch.header
            header.crc = 0
            header.baseTimestamp = 0
            header.maxTimestamp = 0
            batches.append("\(header) \(batch.records.array)")
        }
        #expect(scanner.position == bytes.count)
        return batches
    }
}
