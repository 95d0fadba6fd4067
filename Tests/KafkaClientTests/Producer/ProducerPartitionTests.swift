import ApusCore
import KafkaClient
import KafkaRecords
import Testing

@Suite struct ProducerPartitionTests {
    private static let start = Instant(nanoseconds: 1_000_000)

    private func batch(_ count: Int, in partition: ProducerPartition) -> ProducerBatch {
        let batch = ProducerBatch(began: Self.start, compression: CompressionSetting(.none), capacity: 1024)
        for _ in 0..<count {
            [UInt8](repeating: 1, count: 100).withUnsafeBytes { batch.append(timestamp: 5, key: nil, value: $0) }
        }
        partition.batches.append(batch)
        return batch
    }

    @Test func recordsGoToTheOpenBatchUntilItIsFull() {
        let partition = ProducerPartition(topic: "t", index: 0)
        #expect(partition.openBatch(for: 100, limit: 1000) == nil)
        let first = self.batch(2, in: partition)
        #expect(partition.openBatch(for: 100, limit: 1000) === first)
        #expect(partition.openBatch(for: 1000, limit: 1000) == nil)
        #expect(first.isClosed)
        #expect(partition.openBatch(for: 1, limit: 1000) == nil)
    }

    @Test func anOpenBatchLingersAndAClosedOneDoesNot() {
        let partition = ProducerPartition(topic: "t", index: 0)
        #expect(partition.due(linger: .milliseconds(5)) == nil)
        let first = self.batch(1, in: partition)
        #expect(partition.due(linger: .milliseconds(5)) == Self.start + .milliseconds(5))
        partition.close(first)
        #expect(partition.due(linger: .milliseconds(5)) == Self.start)
        partition.retryAt = Self.start + .milliseconds(20)
        #expect(partition.due(linger: .milliseconds(5)) == Self.start + .milliseconds(20))
        partition.isInFlight = true
        #expect(partition.due(linger: .milliseconds(5)) == nil)
    }

    @Test func aBatchKeepsItsSequenceUntilItIsRestamped() throws {
        let partition = ProducerPartition(topic: "t", index: 0)
        let batch = self.batch(3, in: partition)
        var identity = ProducerIdentity(id: 9, epoch: 2)
        identity.advance(by: 40)
        let scratch = CompressionScratch()
        let first = try RecordBatchView(at: batch.seal(identity, scratch: scratch))
        identity.advance(by: 3)
        let second = try RecordBatchView(at: batch.seal(identity, scratch: scratch))
        #expect(second.header == first.header)
        #expect(first.header.baseSequence == 40)
        #expect(first.header.producerEpoch == 2)
        #expect(first.header.recordCount == 3)
        let successor = try #require(identity.successor)
        try batch.restamp(successor)
        let third = try RecordBatchView(at: batch.seal(successor, scratch: scratch))
        var expected = first.header
        expected.baseSequence = 0
        expected.producerEpoch = 3
        expected.crc = third.computedChecksum()
        #expect(third.header == expected)
        #expect(third.records == first.records)
    }
}
