import ApusCore
import KafkaRecords
import LogStorage
import Testing

@Suite("Producer state table")
struct ProducerStateTableTests {
    private func header(
        at offset: Offset, epoch: ProducerEpoch = 0, sequence: SequenceNumber, count: Int32 = 1,
        isTransactional: Bool = false, producer: ProducerID = 7
    ) -> RecordBatchHeader {
        RecordBatchHeader(
            baseOffset: offset, batchLength: 100, leaderEpoch: 0, crc: 0,
            attributes: RecordBatchAttributes(isTransactional: isTransactional), lastOffsetDelta: count - 1,
            baseTimestamp: 1000, maxTimestamp: 1000, producerID: producer, producerEpoch: epoch,
            baseSequence: sequence, recordCount: count)
    }

    @Test("sequence numbers wrap from the largest to 0, within a batch and between batches")
    func wrap() {
        var table = ProducerStateTable()
        let first = self.header(at: 0, sequence: SequenceNumber(.max - 1), count: 4)
        #expect(table.check(first, origin: .client) == .accepted)
        #expect(table.update(first, end: nil) == nil)
        #expect(table[7]?.lastSequence == 1)
        #expect(table.check(first, origin: .client) == .duplicate(baseOffset: 0, lastOffset: 3, timestamp: 1000))
        #expect(table.check(self.header(at: 4, sequence: 2), origin: .client) == .accepted)
        _ = table.update(self.header(at: 4, sequence: 2, count: .max - 1), end: nil)
        #expect(table[7]?.lastSequence == SequenceNumber(.max))
        #expect(table.check(self.header(at: 9, sequence: 0), origin: .client) == .accepted)
        #expect(
            table.check(self.header(at: 9, sequence: 1), origin: .client) == .refused(.outOfOrderSequenceNumber))
    }

    @Test("the five newest batches are known as duplicates, an older one is out of order")
    func fiveBatches() {
        var table = ProducerStateTable()
        for index in 0..<6 {
            _ = table.update(self.header(at: Offset(Int64(index)), sequence: SequenceNumber(Int32(index))), end: nil)
        }
        for index in 1..<6 {
            let offset = Offset(Int64(index))
            #expect(
                table.check(self.header(at: 6, sequence: SequenceNumber(Int32(index))), origin: .client)
                    == .duplicate(baseOffset: offset, lastOffset: offset, timestamp: 1000))
        }
        #expect(table.check(self.header(at: 6, sequence: 0), origin: .client) == .refused(.outOfOrderSequenceNumber))
    }

    @Test("a new epoch begins at 0 and fences the old one; an unknown producer begins anywhere")
    func epochs() {
        var table = ProducerStateTable()
        #expect(table.check(self.header(at: 0, epoch: 3, sequence: 50), origin: .client) == .accepted)
        _ = table.update(self.header(at: 0, epoch: 3, sequence: 50), end: nil)
        #expect(
            table.check(self.header(at: 1, epoch: 4, sequence: 51), origin: .client)
                == .refused(.outOfOrderSequenceNumber))
        #expect(table.check(self.header(at: 1, epoch: 4, sequence: 0), origin: .client) == .accepted)
        _ = table.update(self.header(at: 1, epoch: 4, sequence: 0), end: nil)
        #expect(
            table.check(self.header(at: 2, epoch: 3, sequence: 51), origin: .client)
                == .refused(.invalidProducerEpoch))
    }

    @Test("a producer without an id leaves no trace but the end offset")
    func notIdempotent() {
        var table = ProducerStateTable()
        let header = self.header(at: 0, epoch: -1, sequence: -1, count: 10, producer: -1)
        #expect(table.check(header, origin: .client) == .accepted)
        _ = table.update(header, end: nil)
        #expect(table == ProducerStateTable(endOffset: 10))
    }

    @Test("expiry spares whoever has a transaction going on")
    func expiry() {
        var table = ProducerStateTable()
        _ = table.update(self.header(at: 0, sequence: 0, producer: 1), end: nil)
        _ = table.update(self.header(at: 1, sequence: 0, isTransactional: true, producer: 2), end: nil)
        table.removeExpired(now: 1999, expirationMs: 1000)
        #expect(table.producerCount == 2)
        table.removeExpired(now: 2000, expirationMs: 1000)
        #expect(table.entries.map(\.id) == [2])
        #expect(table.firstUndecidedOffset == 1)
    }

    @Test("deleting records forgets decided transactions below the new start")
    func logStart() {
        var table = ProducerStateTable()
        _ = table.update(self.header(at: 0, sequence: 0, isTransactional: true), end: nil)
        let end = TransactionEnd(isAbort: false, coordinatorEpoch: 0, timestamp: 1000)
        _ = table.update(self.header(at: 1, sequence: -1, isTransactional: true), end: end)
        #expect(table.firstUnstableOffset == 0)
        table.logStartAdvanced(to: 20)
        #expect(table.firstUnstableOffset == nil)
        #expect(table.endOffset == 20)
    }
}
