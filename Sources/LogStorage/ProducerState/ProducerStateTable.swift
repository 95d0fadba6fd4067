package import ApusCore
package import KafkaRecords

/// The states of all idempotent and transactional producers of one log, as Kafka 4.3 keeps them: what makes a retry a
/// duplicate, fences old epochs, and tells up to where all transactions are decided.
///
/// `check` judges what is about to be appended and changes nothing. `update` takes in what was appended: by a leader
/// after `check`, by a follower and in recovery without. Nothing here depends on a dictionary's order.
package struct ProducerStateTable: Hashable, Sendable {
    private var producers: [ProducerID: ProducerEntry] = [:]
    /// Transactions without a marker, by ascending first offset.
    private(set) var ongoing: [Transaction] = []
    /// Transactions with a marker at or above the high watermark, by ascending first offset.
    private(set) var unreplicated: [Transaction] = []
    /// The log is accounted for up to here; the name of a snapshot taken now.
    package private(set) var endOffset: Offset

    /// A transaction's place in the log.
    struct Transaction: Hashable, Sendable {
        var producerID: ProducerID
        var firstOffset: Offset
        /// Where the marker is; `unknown` while there is none.
        var lastOffset: Offset = .unknown
    }

    /// A table that knows nothing of what lies below `endOffset`.
    package init(endOffset: Offset = 0) {
        self.endOffset = endOffset
    }

    /// The table that a snapshot at `endOffset` holds, without the producers that have expired by `now`.
    package init(
        _ entries: [(id: ProducerID, entry: ProducerEntry)], endOffset: Offset, now: Timestamp, expirationMs: Int64
    ) {
        self.endOffset = endOffset
        for (id, entry) in entries where !Self.isExpired(entry, now: now, expirationMs: expirationMs) {
            self.producers[id] = entry
            guard let first = entry.transactionFirstOffset else { continue }
            Self.insert(Transaction(producerID: id, firstOffset: first), into: &self.ongoing)
        }
    }
}

// MARK: What is known

extension ProducerStateTable {
    package var isEmpty: Bool { self.producers.isEmpty }

    package var producerCount: Int { self.producers.count }

    package subscript(id: ProducerID) -> ProducerEntry? { self.producers[id] }

    /// All producers, by ascending id.
    package var entries: [(id: ProducerID, entry: ProducerEntry)] {
        self.producers.sorted { $0.key < $1.key }.map { (id: $0.key, entry: $0.value) }
    }

    /// Where the oldest transaction begins that is undecided, or decided only above the high watermark: the limit of
    /// the last stable offset. Nil if there is none.
    package var firstUnstableOffset: Offset? {
        guard let ongoing = self.ongoing.first else { return self.unreplicated.first?.firstOffset }
        guard let unreplicated = self.unreplicated.first else { return ongoing.firstOffset }
        return min(ongoing.firstOffset, unreplicated.firstOffset)
    }

    /// Where the oldest transaction without a marker begins; nil if there is none.
    package var firstUndecidedOffset: Offset? { self.ongoing.first?.firstOffset }

    /// True if the oldest transaction has been idle for longer than the longest timeout and five minutes: its
    /// coordinator has forgotten it. Times in milliseconds.
    package func hasLateTransaction(now: Timestamp, transactionTimeoutMaxMs: Int64) -> Bool {
        guard let oldest = self.ongoing.first, let entry = self.producers[oldest.producerID] else { return false }
        guard entry.lastTimestamp > 0 else { return false }
        return now.rawValue &- entry.lastTimestamp.rawValue > transactionTimeoutMaxMs + 300_000
    }
}

// MARK: Judging

extension ProducerStateTable {
    /// Whether a batch of records may be appended at the end of the log. Control batches go to the other `check`.
    ///
    /// A producer that is not known may begin with any sequence number: its state may have expired. A coordinator's
    /// own records are not checked for their sequence.
    package func check(_ header: RecordBatchHeader, origin: AppendOrigin) -> ProducerVerdict {
        guard header.hasProducerID, let entry = self.producers[header.producerID] else { return .accepted }
        if origin == .client, header.producerEpoch == entry.epoch,
            let batch = entry.batch(from: header.baseSequence, through: header.lastSequence)
        {
            return .duplicate(
                baseOffset: batch.firstOffset, lastOffset: batch.lastOffset, timestamp: batch.timestamp)
        }
        if header.producerEpoch < entry.epoch { return .refused(.invalidProducerEpoch) }
        if origin == .client, !Self.isInSequence(header, after: entry) { return .refused(.outOfOrderSequenceNumber) }
        if entry.transactionFirstOffset != nil, !header.isTransactional { return .refused(.invalidTxnState) }
        return .accepted
    }

    /// Whether a marker may be appended. `transactionVersion` is that of the coordinator's feature: from 2 on (KIP-890)
    /// every marker has an epoch of its own, but may be written twice.
    package func check(
        _ header: RecordBatchHeader, end: TransactionEnd, transactionVersion: Int16
    ) -> ProducerVerdict {
        guard let entry = self.producers[header.producerID] else { return .accepted }
        let isFenced: Bool
        if transactionVersion >= 2 {
            let isRepeated =
                header.producerEpoch == entry.epoch
                && (entry.transactionFirstOffset == nil || header.producerEpoch.rawValue == .max)
            isFenced = header.producerEpoch <= entry.epoch && !isRepeated
        } else {
            isFenced = header.producerEpoch < entry.epoch
        }
        if isFenced { return .refused(.invalidProducerEpoch) }
        if end.coordinatorEpoch < entry.coordinatorEpoch { return .refused(.transactionCoordinatorFenced) }
        return .accepted
    }

    /// A new epoch begins at 0; within one, the numbers continue, from the largest at 0 again.
    private static func isInSequence(_ header: RecordBatchHeader, after entry: ProducerEntry) -> Bool {
        if header.producerEpoch != entry.epoch {
            return header.baseSequence == 0 || entry.epoch == .none
        }
        if entry.epoch == .none { return true }
        let last = entry.lastSequence
        if last == .none { return header.baseSequence == 0 }
        return header.baseSequence == last.advanced(by: 1)
    }
}

// MARK: Taking in

extension ProducerStateTable {
    /// Takes in a batch that lies in the log now; `end` if it is the marker of a transaction's end.
    ///
    /// Returns the transaction if it was aborted, for the segment's index.
    package mutating func update(_ header: RecordBatchHeader, end: TransactionEnd?) -> AbortedTransaction? {
        if header.nextOffset > self.endOffset { self.endOffset = header.nextOffset }
        guard header.hasProducerID else { return nil }
        if let end { return self.complete(header, end: end) }
        if header.isControl { return nil }
        let batch = ProducerEntry.Batch(
            lastSequence: header.lastSequence, lastOffset: header.lastOffset, offsetDelta: header.lastOffsetDelta,
            timestamp: header.maxTimestamp)
        let id = header.producerID
        let begins = self.producers[id, default: ProducerEntry(epoch: header.producerEpoch)].add(
            batch, epoch: header.producerEpoch, isTransactional: header.isTransactional)
        if begins {
            Self.insert(Transaction(producerID: id, firstOffset: header.baseOffset), into: &self.ongoing)
        }
        return nil
    }

    private mutating func complete(_ header: RecordBatchHeader, end: TransactionEnd) -> AbortedTransaction? {
        let id = header.producerID
        var entry = self.producers[id] ?? ProducerEntry(epoch: header.producerEpoch)
        let first = entry.transactionFirstOffset
        entry.endTransaction(
            epoch: header.producerEpoch, coordinatorEpoch: end.coordinatorEpoch, timestamp: end.timestamp)
        self.producers[id] = entry
        guard let first, let index = self.ongoing.firstIndex(where: { $0.firstOffset == first }) else { return nil }
        var transaction = self.ongoing.remove(at: index)
        precondition(transaction.producerID == id, "two transactions begin at one offset")
        transaction.lastOffset = header.baseOffset
        Self.insert(transaction, into: &self.unreplicated)
        guard end.isAbort else { return nil }
        return AbortedTransaction(
            producerID: id, firstOffset: first, lastOffset: header.baseOffset,
            lastStableOffset: self.ongoing.first?.firstOffset ?? header.baseOffset + 1)
    }

    /// The log ends at `offset` now, whoever wrote what lies before it.
    package mutating func advance(to offset: Offset) {
        precondition(offset >= self.endOffset, "truncation builds a new table")
        self.endOffset = offset
    }

    /// Markers below `highWatermark` are replicated, and their transactions stable.
    package mutating func highWatermarkAdvanced(to highWatermark: Offset) {
        self.unreplicated.removeAll { $0.lastOffset < highWatermark }
    }

    /// What lies below `offset` was deleted from the log.
    package mutating func logStartAdvanced(to offset: Offset) {
        self.unreplicated.removeAll { $0.lastOffset < offset }
        self.endOffset = max(self.endOffset, offset)
    }

    /// Forgets producers that have written nothing for `expirationMs` (`producer.id.expiration.ms`) and have no
    /// transaction going on.
    package mutating func removeExpired(now: Timestamp, expirationMs: Int64) {
        self.producers = self.producers.filter {
            !Self.isExpired($0.value, now: now, expirationMs: expirationMs)
        }
    }

    private static func isExpired(_ entry: ProducerEntry, now: Timestamp, expirationMs: Int64) -> Bool {
        entry.transactionFirstOffset == nil && now.rawValue &- entry.lastTimestamp.rawValue >= expirationMs
    }

    private static func insert(_ transaction: Transaction, into transactions: inout [Transaction]) {
        let index = transactions.lastIndex { $0.firstOffset < transaction.firstOffset }.map { $0 + 1 } ?? 0
        transactions.insert(transaction, at: index)
    }
}
