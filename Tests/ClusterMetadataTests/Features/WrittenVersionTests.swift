import ApusCore
import ClusterMetadata
import KafkaStoredMessages
import Testing

struct WrittenVersionTests {
    @Test("Records are written at the version that the metadata version allows")
    func levels() {
        func versions(_ level: Int16) -> [Int16] {
            let records: [MetadataRecord] = [
                .registerBroker(RegisterBrokerRecord()), .partition(PartitionRecord()),
                .partitionChange(PartitionChangeRecord()), .topic(TopicRecord()),
            ]
            return records.map { $0.writtenVersion(at: MetadataVersion(rawValue: level)) }
        }
        #expect(versions(7) == [1, 0, 0, 0])
        #expect(versions(8) == [2, 0, 0, 0])
        #expect(versions(17) == [3, 1, 1, 0])
        #expect(versions(23) == [3, 2, 2, 0])
        #expect(versions(30) == [4, 2, 2, 0])
    }

    @Test("A registration change is written at the lowest version that holds what it says")
    func registrationChanges() {
        var record = BrokerRegistrationChangeRecord()
        #expect(MetadataRecord.brokerRegistrationChange(record).writtenVersion(at: .newest) == 0)
        record.inControlledShutdown = 1
        #expect(MetadataRecord.brokerRegistrationChange(record).writtenVersion(at: .newest) == 1)
        record.logDirs = [.zero]
        #expect(MetadataRecord.brokerRegistrationChange(record).writtenVersion(at: .newest) == 2)
        record.cordonedLogDirs = []
        #expect(MetadataRecord.brokerRegistrationChange(record).writtenVersion(at: .newest) == 3)
    }
}
