import ApusCore
import KafkaClient
import KafkaRecords
import Testing

@Suite struct AbortedTransactionFilterTests {
    private func header(
        _ offset: Offset, producer: ProducerID, isTransactional: Bool = true, isControl: Bool = false
    ) -> RecordBatchHeader {
        RecordBatchHeader(
            baseOffset: offset, batchLength: 100, leaderEpoch: 0, crc: 0,
            attributes: RecordBatchAttributes(
                compression: .none, timestampType: .createTime, isTransactional: isTransactional, isControl: isControl,
                hasDeleteHorizon: false), lastOffsetDelta: 0, baseTimestamp: 0, maxTimestamp: 0, producerID: producer,
            recordCount: 1)
    }

    @Test func recordsOfAnAbortedTransactionAreLeftOutUntilItsMarker() {
        var filter = AbortedTransactionFilter([.init(producerID: 5, firstOffset: 10)])
        var isAccepted: [Bool] = []
        isAccepted.append(filter.accepts(self.header(9, producer: 5), control: nil))
        isAccepted.append(filter.accepts(self.header(10, producer: 5), control: nil))
        isAccepted.append(filter.accepts(self.header(11, producer: 6), control: nil))
        isAccepted.append(filter.accepts(self.header(12, producer: 5, isTransactional: false), control: nil))
        isAccepted.append(filter.accepts(self.header(13, producer: 5, isControl: true), control: .abort))
        isAccepted.append(filter.accepts(self.header(14, producer: 5), control: nil))
        #expect(isAccepted == [true, false, true, true, false, true])
    }

    @Test func aProducerMayAbortTwiceInOneFetch() {
        var filter = AbortedTransactionFilter([
            .init(producerID: 5, firstOffset: 20), .init(producerID: 5, firstOffset: 10),
        ])
        var isAccepted: [Bool] = []
        isAccepted.append(filter.accepts(self.header(10, producer: 5), control: nil))
        isAccepted.append(filter.accepts(self.header(11, producer: 5, isControl: true), control: .abort))
        isAccepted.append(filter.accepts(self.header(12, producer: 5), control: nil))
        isAccepted.append(filter.accepts(self.header(13, producer: 5, isControl: true), control: .commit))
        isAccepted.append(filter.accepts(self.header(20, producer: 5), control: nil))
        #expect(isAccepted == [false, false, true, false, false])
    }
}
