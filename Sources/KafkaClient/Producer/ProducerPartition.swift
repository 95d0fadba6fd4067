package import ApusCore

/// A partition that a producer writes to: its batches in order, the first of which may be under way. Only on the loop.
package final class ProducerPartition {
    package let topic: String
    package let index: PartitionIndex
    package var batches: [ProducerBatch] = []
    /// The first batch is under way.
    package var isInFlight = false
    /// Is in the producer's list of partitions with something to send.
    var isActive = false
    /// Nothing is sent before.
    package var retryAt: Instant?
    var identity: ProducerIdentity?
    /// A leader that refused in this epoch is not asked again before a newer epoch is known, or a while has passed.
    var refusedEpoch: LeaderEpoch?
    /// How large batches have become: a guess for the next one.
    private(set) var bytesExpected = 4096

    package init(topic: String, index: PartitionIndex) {
        self.topic = topic
        self.index = index
    }

    /// The batch that the next record of `bytes` goes to; nil where a new one is needed.
    package func openBatch(for bytes: Int, limit: Int) -> ProducerBatch? {
        guard let last = self.batches.last, !last.isClosed else { return nil }
        if last.bytes + bytes + ProducerBatch.recordOverhead <= limit { return last }
        self.close(last)
        return nil
    }

    package func close(_ batch: ProducerBatch) {
        batch.isClosed = true
        self.bytesExpected = max(4096, batch.bytes)
    }

    /// When the first batch may be sent: at once where it is closed, else when it has lingered; nil where there is none.
    package func due(linger: Interval) -> Instant? {
        guard let first = self.batches.first, !self.isInFlight else { return nil }
        let ready = first.isClosed || linger <= .zero ? first.began : first.began + linger
        return self.retryAt.map { max($0, ready) } ?? ready
    }
}
