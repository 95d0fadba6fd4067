package import ApusCore
import KafkaPrimitives
package import KafkaRecords

/// Tells which batches of one fetch a reader of committed records does not see. Pure.
///
/// Batches are given in order. A transactional batch is aborted if its producer has an aborted transaction that began
/// at or before it and whose end marker has not been seen yet.
package struct AbortedTransactionFilter {
    package struct Transaction: Hashable, Sendable {
        package var producerID: ProducerID
        package var firstOffset: Offset

        package init(producerID: ProducerID, firstOffset: Offset) {
            self.producerID = producerID
            self.firstOffset = firstOffset
        }
    }

    private var begun: ArraySlice<Transaction>
    private var open: Set<ProducerID> = []

    package init(_ transactions: [Transaction]) {
        self.begun = transactions.sorted { $0.firstOffset < $1.firstOffset }[...]
    }

    /// Whether the records of `batch` are to be delivered; control batches never are.
    ///
    /// - Parameter control: what a control batch says; nil for other batches.
    package mutating func accepts(_ header: RecordBatchHeader, control: ControlRecordType?) -> Bool {
        while let next = self.begun.first, next.firstOffset <= header.lastOffset {
            self.open.insert(next.producerID)
            self.begun.removeFirst()
        }
        if header.isControl {
            if control == .abort { self.open.remove(header.producerID) }
            return false
        }
        return !(header.isTransactional && self.open.contains(header.producerID))
    }
}
