import ApusCore
import ClusterMetadata
import KafkaPrimitives
import KafkaStoredMessages
import Testing

struct MetadataImageTests {
    @Test("Every kind of state survives a snapshot")
    func snapshot() throws {
        var image = MetadataImage()
        for (offset, record) in Samples.oneOfEachKind.enumerated() {
            try image.apply(record, at: Offset(Int64(offset)), epoch: 3)
        }
        var rebuilt = MetadataImage()
        for record in image.snapshotRecords() {
            try rebuilt.apply(record, at: image.lastOffset, epoch: image.lastEpoch)
        }
        #expect(rebuilt == image)
        #expect(rebuilt.snapshotRecords() == image.snapshotRecords())
        #expect(image.snapshotRecords().map(\.name).prefix(2) == ["FeatureLevelRecord", "FeatureLevelRecord"])
        #expect(image.snapshotRecords().first == Samples.feature("metadata.version", 30))
    }

    @Test("A record that cannot follow is refused and changes nothing")
    func refusals() throws {
        var base = MetadataImage()
        for (offset, record) in Samples.oneOfEachKind.enumerated() {
            try base.apply(record, at: Offset(Int64(offset)), epoch: 3)
        }
        var wrongEpoch = BrokerRegistrationChangeRecord()
        wrongEpoch.brokerId = 1
        wrongEpoch.brokerEpoch = 77
        var unknownBroker = wrongEpoch
        unknownBroker.brokerId = 9
        var strange = wrongEpoch
        strange.brokerEpoch = 5
        strange.fenced = 7
        let cases: [(MetadataRecord, MetadataError.Code)] = [
            (.brokerRegistrationChange(wrongEpoch), .brokerEpochMismatch),
            (.brokerRegistrationChange(unknownBroker), .unknownBroker),
            (.brokerRegistrationChange(strange), .invalidBrokerChange),
            (Samples.topic("t", 1), .duplicateTopic),
            (Samples.topic("other", 1), .duplicateTopic),
            (Samples.partition(9, 0, replicas: [1], isr: [1], leader: 1), .unknownTopic),
            (Samples.partition(1, 5, replicas: [1], isr: [1], leader: 1), .partitionOutOfOrder),
            (Samples.partition(1, 1, replicas: [1], isr: [2], leader: 2), .invalidPartition),
            (Samples.partition(1, 1, replicas: [1, 2], isr: [1], leader: 2), .invalidPartition),
            (Samples.partition(1, 1, replicas: [1, 2], isr: [1], leader: 1, elr: [1]), .invalidPartition),
            (Samples.change(9, 0) { _ in }, .unknownTopic),
            (Samples.change(1, 9) { _ in }, .unknownPartition),
            (Samples.change(1, 0) { $0.leader = 9 }, .invalidPartition),
            (Samples.change(1, 0) { $0.leaderRecoveryState = 4 }, .invalidPartition),
            (Samples.removal(9), .unknownTopic),
            (Samples.feature("metadata.version", 6), .unsupportedFeatureLevel),
            (Samples.feature("metadata.version", 31), .unsupportedFeatureLevel),
            (.removeAccessControlEntry(RemoveAccessControlEntryRecord()), .unknownAccessControlEntry),
            (.removeUserScramCredential(RemoveUserScramCredentialRecord()), .unknownCredential),
        ]
        for (record, code) in cases {
            var image = base
            #expect(throws: MetadataError(code, "")) { try image.apply(record, at: 100, epoch: 4) }
            #expect(image == base)
        }
    }

    @Test("A change without a leader keeps the leader epoch, one that names a leader raises it")
    func epochs() throws {
        var image = MetadataImage()
        try image.apply(Samples.topic("t", 1), at: 0, epoch: 1)
        try image.apply(Samples.partition(1, 0, replicas: [1, 2], isr: [1, 2], leader: 1), at: 1, epoch: 1)
        try image.apply(Samples.change(1, 0) { $0.isr = [1] }, at: 2, epoch: 1)
        try image.apply(Samples.change(1, 0) { $0.leader = 1 }, at: 3, epoch: 1)
        try image.apply(
            Samples.change(1, 0) {
                $0.replicas = [3, 1]
                $0.addingReplicas = [3]
            }, at: 4, epoch: 1)
        let directory = Samples.directory
        #expect(
            image.topic(named: "t")?[0]
                == PartitionState(
                    replicas: [3, 1], directories: [DirectoryID.unassigned, directory], isr: [1], leader: 1,
                    leaderEpoch: 1, partitionEpoch: 3, addingReplicas: [3]))
    }

    @Test("A topic that is created again under its name has nothing of the old one")
    func recreation() throws {
        var image = MetadataImage()
        let records: [MetadataRecord] = [
            Samples.topic("t", 1), Samples.config(2, "t", "retention.ms", "1"),
            Samples.partition(1, 0, replicas: [1], isr: [1], leader: 1), Samples.removal(1), Samples.topic("t", 2),
        ]
        for (offset, record) in records.enumerated() { try image.apply(record, at: Offset(Int64(offset)), epoch: 1) }
        #expect(image.topic(named: "t") == TopicImage(name: "t", id: Samples.id(2)))
        #expect(image.configuration(of: .topic("t")) == [:])
        #expect(image.topics.count == 1)
    }

    @Test("Clearing the ELR of a topic raises the partition epoch of those that had one")
    func clearedELR() throws {
        var image = MetadataImage()
        let records: [MetadataRecord] = [
            Samples.topic("t", 1), Samples.topic("u", 2),
            Samples.partition(1, 0, replicas: [1, 2], isr: [1], leader: 1, elr: [2]),
            Samples.partition(1, 1, replicas: [1, 2], isr: [1], leader: 1),
            Samples.partition(2, 0, replicas: [1, 2], isr: [1], leader: 1, elr: [2]),
        ]
        for (offset, record) in records.enumerated() { try image.apply(record, at: Offset(Int64(offset)), epoch: 1) }
        var clear = ClearElrRecord()
        clear.topicName = "t"
        try image.apply(.clearElr(clear), at: 5, epoch: 1)
        #expect(image.topic(named: "t")?.partitions.map(\.eligibleLeaders) == [[], []])
        #expect(image.topic(named: "t")?.partitions.map(\.partitionEpoch) == [1, 0])
        #expect(image.topic(named: "u")?.partitions.map(\.eligibleLeaders) == [[2]])
        try image.apply(.clearElr(ClearElrRecord()), at: 6, epoch: 1)
        #expect(image.topic(named: "u")?.partitions.map(\.eligibleLeaders) == [[]])
    }
}
