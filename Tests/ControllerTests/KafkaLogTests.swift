import ApusCore
import ClusterMetadata
import Controller
import KafkaPrimitives
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct KafkaLogTests {
    @Test("Every record of a Kafka log is written again byte for byte", arguments: KafkaLog.names)
    func bytes(name: String) throws {
        for entry in try KafkaLog(name).entries {
            var writer = ByteWriter()
            entry.record.encode(into: &writer, version: entry.record.writtenVersion(at: .newest))
            #expect(writer.finish().array == entry.bytes, "\(entry.record)")
        }
    }

    @Test("The image of a Kafka log is the image of its snapshot", arguments: KafkaLog.names)
    func snapshot(name: String) throws {
        var replay = MetadataReplay()
        for entry in try KafkaLog(name).entries {
            try replay.apply(entry.record, at: entry.offset, epoch: entry.epoch)
        }
        let image = replay.image
        var rebuilt = MetadataImage()
        for record in image.snapshotRecords() {
            try rebuilt.apply(record, at: image.lastOffset, epoch: image.lastEpoch)
        }
        #expect(rebuilt == image)
        #expect(PartitionInvariants.violation(in: image) == nil)
        #expect(image.brokers.count == (name.contains("three") ? 3 : 5))
    }

    @Test("For everything that happened in a Kafka cluster the same records are written", arguments: KafkaLog.names)
    func conformance(name: String) throws {
        let log = try KafkaLog(name)
        var shadow = try KafkaShadow(bootstrap: log.entries)
        var rest = log.entries[...]
        while let (event, count) = KafkaLog.nextEvent(rest, image: shadow.test.image) {
            let expected = rest.prefix(count)
            rest = rest.dropFirst(count)
            if let records = try shadow.records(for: event, Array(expected)) {
                let same = shadow.normalised(records)
                let kafka = shadow.normalised(expected.map(\.record))
                #expect(same.count == kafka.count && same.allSatisfy(kafka.contains), "\(event): \(same) != \(kafka)")
            }
            try shadow.follow(Array(expected))
        }
        #expect(rest.isEmpty, "not understood: \(rest.first.map { "\($0.record)" } ?? "")")
    }
}
