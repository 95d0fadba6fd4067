import ApusCore
import KafkaPrimitives
import KafkaStoredMessages
import Testing

@Suite("Metadata records")
struct MetadataRecordTests {
    private static func bytes(_ record: MetadataRecord, version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        record.encode(into: &writer, version: version)
        return writer.finish().array
    }

    @Test("a record is framed by frame version, type and version")
    func frame() throws {
        var feature = FeatureLevelRecord()
        feature.name = "kraft"
        feature.featureLevel = 1
        let record = MetadataRecord.featureLevel(feature)
        let expected: [UInt8] = [1, 12, 0, 6, 0x6b, 0x72, 0x61, 0x66, 0x74, 0, 1, 0]
        #expect(Self.bytes(record, version: 0) == expected)
        #expect(try MetadataRecord(decoding: ByteSlice(expected)) == record)
    }

    @Test(
        "what is no record is refused with its reason",
        arguments: [
            ([], MetadataRecordError.malformed(DecodeError(.truncated))),
            ([2, 12, 0], .unknownFrameVersion(2)),
            ([1, 100, 0], .unknownType(100)),
            ([1, 20, 1, 0], .malformed(DecodeError(.unsupportedVersion))),
            ([1, 20, 0, 0, 0], .malformed(DecodeError(.trailingBytes))),
            ([1, 20, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], .malformed(DecodeError(.unsupportedVersion))),
            ([1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], .unknownType(.max)),
        ] as [([UInt8], MetadataRecordError)])
    func refusals(bytes: [UInt8], error: MetadataRecordError) {
        #expect(throws: error) { try MetadataRecord(decoding: ByteSlice(bytes)) }
    }

    @Test("at level 30 records have the versions that Kafka 4.3 writes")
    func newestVersions() {
        #expect(MetadataRecord.registerBroker(RegisterBrokerRecord()).version(atMetadataVersion: 30) == 4)
        #expect(MetadataRecord.partition(PartitionRecord()).version(atMetadataVersion: 30) == 2)
        #expect(MetadataRecord.partitionChange(PartitionChangeRecord()).version(atMetadataVersion: 30) == 2)
        #expect(MetadataRecord.topic(TopicRecord()).version(atMetadataVersion: 30) == 0)
    }

    @Test("older levels call for older versions")
    func olderVersions() {
        let levels: [Int16] = [7, 8, 16, 17, 22, 23, 29, 30, 31]
        let broker = MetadataRecord.registerBroker(RegisterBrokerRecord())
        let partition = MetadataRecord.partition(PartitionRecord())
        #expect(levels.map { broker.version(atMetadataVersion: $0) } == [1, 2, 2, 3, 3, 3, 3, 4, 4])
        #expect(levels.map { partition.version(atMetadataVersion: $0) } == [0, 0, 0, 1, 1, 2, 2, 2, 2])
    }

    @Test("a change of registration has the lowest version that carries it")
    func registrationChanges() {
        var change = BrokerRegistrationChangeRecord()
        change.fenced = 1
        #expect(MetadataRecord.brokerRegistrationChange(change).version(atMetadataVersion: 30) == 0)
        change.inControlledShutdown = 1
        #expect(MetadataRecord.brokerRegistrationChange(change).version(atMetadataVersion: 30) == 1)
        change.logDirs = [KafkaUUID(high: 1, low: 2)]
        #expect(MetadataRecord.brokerRegistrationChange(change).version(atMetadataVersion: 30) == 2)
        change.cordonedLogDirs = []
        #expect(MetadataRecord.brokerRegistrationChange(change).version(atMetadataVersion: 30) == 3)
    }
}
