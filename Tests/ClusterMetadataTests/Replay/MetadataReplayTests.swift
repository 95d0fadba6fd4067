import ApusCore
import ClusterMetadata
import KafkaStoredMessages
import Testing

struct MetadataReplayTests {
    private func apply(_ records: [MetadataRecord], to replay: inout MetadataReplay) throws {
        for record in records { try replay.apply(record, at: replay.lastOffset + 1, epoch: 1) }
    }

    private func partition(_ topic: UInt64, _ index: PartitionIndex) -> TopicIDPartition {
        TopicIDPartition(topicID: Samples.id(topic), partition: index)
    }

    private func publish(_ replay: inout MetadataReplay) throws -> MetadataPublication {
        let publication = replay.publish()
        return try #require(publication)
    }

    private let begin = MetadataRecord.beginTransaction(BeginTransactionRecord())
    private let end = MetadataRecord.endTransaction(EndTransactionRecord())
    private let abort = MetadataRecord.abortTransaction(AbortTransactionRecord())

    @Test("A publication names what changed since the one before it, and nothing else")
    func publications() throws {
        var replay = MetadataReplay()
        #expect(replay.publish() == nil)
        try self.apply(
            [
                Samples.broker(1, epoch: 0), Samples.topic("t", 1),
                Samples.partition(1, 0, replicas: [1], isr: [1], leader: 1),
                Samples.partition(1, 1, replicas: [1], isr: [1], leader: 1),
            ], to: &replay)
        let first = try self.publish(&replay)
        #expect(first.delta.createdTopics == [Samples.id(1)])
        #expect(first.delta.changedPartitions == [self.partition(1, 0), self.partition(1, 1)])
        #expect(first.delta.changedBrokers == [1])
        try self.apply(
            [Samples.change(1, 1) { $0.leader = 1 }, Samples.config(2, "t", "retention.ms", "1")], to: &replay)
        let second = try self.publish(&replay)
        #expect(second.delta.createdTopics.isEmpty)
        #expect(second.delta.changedPartitions == [self.partition(1, 1)])
        #expect(second.delta.changedConfigurations == [.topic("t")])
        #expect(second.delta == MetadataDelta(from: first.image, to: second.image))
        try self.apply([.noOp(NoOpRecord())], to: &replay)
        #expect(try self.publish(&replay).delta.isEmpty)
        #expect(replay.publish() == nil)
    }

    @Test("A topic that came and went between two publications is not named")
    func shortLivedTopic() throws {
        var replay = MetadataReplay()
        let creation = [Samples.topic("t", 1), Samples.partition(1, 0, replicas: [1], isr: [1], leader: 1)]
        try self.apply(creation + [Samples.removal(1)], to: &replay)
        let delta = try self.publish(&replay).delta
        #expect(delta.createdTopics.isEmpty && delta.deletedTopics.isEmpty && delta.changedPartitions.isEmpty)
        try self.apply([Samples.topic("t", 2)], to: &replay)
        _ = replay.publish()
        try self.apply([Samples.removal(2)], to: &replay)
        #expect(try self.publish(&replay).delta.deletedTopics == [Samples.id(2): "t"])
    }

    @Test("What a transaction holds is visible when it ends, and never if it is aborted")
    func transactions() throws {
        for (last, names) in [(self.end, ["t", "u"]), (self.abort, ["t"])] {
            var replay = MetadataReplay()
            try self.apply([Samples.topic("t", 1), self.begin, Samples.topic("u", 2)], to: &replay)
            #expect(replay.openTransactionOffset == 1)
            #expect(replay.lastOffset == 2)
            let during = try self.publish(&replay)
            #expect(during.image.topicIDs.sortedKeys() == ["t"])
            #expect(during.delta.createdTopics == [Samples.id(1)])
            try self.apply([last], to: &replay)
            #expect(replay.openTransactionOffset == nil)
            let after = try self.publish(&replay)
            #expect(after.image.topicIDs.sortedKeys() == names)
            #expect(after.delta.createdTopics.contains(Samples.id(2)) == (names.count == 2))
            #expect(after.image.lastOffset == 3)
        }
    }

    @Test("A transaction that ends without having begun, or begins twice, is refused")
    func brokenTransactions() throws {
        var replay = MetadataReplay()
        let refused = MetadataError(.unexpectedTransactionRecord, "")
        #expect(throws: refused) { try replay.apply(self.end, at: 0, epoch: 1) }
        #expect(throws: refused) { try replay.apply(self.abort, at: 0, epoch: 1) }
        try replay.apply(self.begin, at: 0, epoch: 1)
        #expect(throws: refused) { try replay.apply(self.begin, at: 1, epoch: 1) }
        #expect(replay.openTransactionOffset == 0)
        try replay.apply(self.end, at: 1, epoch: 1)
    }

    @Test("A snapshot replaces the image, and its delta is what differs from the last publication")
    func snapshot() throws {
        var replay = MetadataReplay()
        try self.apply(
            [
                Samples.topic("kept", 1), Samples.partition(1, 0, replicas: [1], isr: [1], leader: 1),
                Samples.topic("lost", 2),
            ], to: &replay)
        _ = replay.publish()
        try self.apply([Samples.topic("never seen", 3), self.begin], to: &replay)
        var other = MetadataReplay()
        try self.apply(
            [
                Samples.topic("kept", 1), Samples.partition(1, 0, replicas: [1], isr: [1], leader: 1),
                Samples.topic("new", 4), Samples.config(2, "new", "a", "b"), .noOp(NoOpRecord()),
                .noOp(NoOpRecord()),
            ], to: &other)
        replay.load(other.image)
        let publication = try self.publish(&replay)
        #expect(publication.image == other.image)
        #expect(publication.delta.createdTopics == [Samples.id(4)])
        #expect(publication.delta.deletedTopics == [Samples.id(2): "lost"])
        #expect(publication.delta.changedPartitions.isEmpty)
        #expect(publication.delta.changedConfigurations == [.topic("new")])
        #expect(replay.openTransactionOffset == nil)
    }
}
