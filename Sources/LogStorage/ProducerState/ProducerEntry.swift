package import ApusCore

/// What a log knows of one producer.
package struct ProducerEntry: Hashable, Sendable {
    package private(set) var epoch: ProducerEpoch
    /// The newest batches of this epoch, oldest first, at most `batchCountMax`. A retry of one of them is recognised.
    package private(set) var batches: [Batch] = []
    /// The latest time in the newest batch, or that of the newest marker.
    package private(set) var lastTimestamp: Timestamp
    /// The epoch of the coordinator that wrote the newest marker, or -1.
    package private(set) var coordinatorEpoch: Int32
    /// Where the transaction that is going on began; nil if there is none.
    package private(set) var transactionFirstOffset: Offset?

    /// Producers have at most this many requests in flight.
    package static let batchCountMax = 5

    /// One batch, as far as a retry of it is concerned.
    package struct Batch: Hashable, Sendable {
        package var lastSequence: SequenceNumber
        package var lastOffset: Offset
        /// The last offset less the first; the same for the sequence numbers.
        package var offsetDelta: Int32
        package var timestamp: Timestamp

        package init(lastSequence: SequenceNumber, lastOffset: Offset, offsetDelta: Int32, timestamp: Timestamp) {
            self.lastSequence = lastSequence
            self.lastOffset = lastOffset
            self.offsetDelta = offsetDelta
            self.timestamp = timestamp
        }

        package var firstSequence: SequenceNumber {
            SequenceNumber((self.lastSequence.rawValue &- self.offsetDelta) & Int32.max)
        }

        package var firstOffset: Offset { Offset(self.lastOffset.rawValue &- Int64(self.offsetDelta)) }
    }

    package init(
        epoch: ProducerEpoch, batch: Batch? = nil, lastTimestamp: Timestamp = .none, coordinatorEpoch: Int32 = -1,
        transactionFirstOffset: Offset? = nil
    ) {
        self.epoch = epoch
        self.lastTimestamp = lastTimestamp
        self.coordinatorEpoch = coordinatorEpoch
        self.transactionFirstOffset = transactionFirstOffset
        if let batch { self.batches = [batch] }
    }

    /// `none` where no batch of the epoch is known.
    package var lastSequence: SequenceNumber { self.batches.last?.lastSequence ?? .none }

    /// The batch with exactly these sequence numbers, if it is among the newest.
    func batch(from first: SequenceNumber, through last: SequenceNumber) -> Batch? {
        self.batches.first { $0.firstSequence == first && $0.lastSequence == last }
    }

    /// Takes a batch in; a new epoch forgets those of the old one. Returns true if a transaction begins with it.
    mutating func add(_ batch: Batch, epoch: ProducerEpoch, isTransactional: Bool) -> Bool {
        self.begin(epoch)
        if self.batches.count == Self.batchCountMax { self.batches.removeFirst() }
        self.batches.append(batch)
        self.lastTimestamp = batch.timestamp
        guard isTransactional, self.transactionFirstOffset == nil else { return false }
        self.transactionFirstOffset = batch.firstOffset
        return true
    }

    /// Takes in a marker that ends the transaction, if one is going on.
    mutating func endTransaction(epoch: ProducerEpoch, coordinatorEpoch: Int32, timestamp: Timestamp) {
        self.begin(epoch)
        self.coordinatorEpoch = coordinatorEpoch
        self.transactionFirstOffset = nil
        self.lastTimestamp = timestamp
    }

    private mutating func begin(_ epoch: ProducerEpoch) {
        guard epoch != self.epoch else { return }
        self.epoch = epoch
        self.batches.removeAll(keepingCapacity: true)
    }
}
