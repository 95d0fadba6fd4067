package import ApusCore
package import KafkaStoredMessages

/// Follows the committed metadata log and says what to publish.
///
/// Records inside a metadata transaction (KIP-868) stay invisible until it ends, and vanish if it is aborted.
///
/// | From | To | Cause |
/// |---|---|---|
/// | outside | inside | `beginTransaction` |
/// | inside | outside | `endTransaction`: its records become visible |
/// | inside | outside | `abortTransaction`: its records are dropped |
/// | any | outside | `load`: a snapshot holds no open transaction |
package struct MetadataReplay: Sendable {
    /// The image of all records outside an open transaction.
    package private(set) var image: MetadataImage
    private var delta = MetadataDelta()
    private var published: MetadataImage
    private var transaction: Transaction?

    private struct Transaction: Sendable {
        var startOffset: Offset
        var image: MetadataImage
        var delta: MetadataDelta
    }

    package init(image: MetadataImage = MetadataImage()) {
        self.image = image
        self.published = image
    }

    /// Where the open transaction began; nil outside one. A controller that takes over aborts it.
    package var openTransactionOffset: Offset? { self.transaction?.startOffset }

    /// The offset of the last record applied, inside a transaction or not.
    package var lastOffset: Offset { self.transaction?.image.lastOffset ?? self.image.lastOffset }

    /// Takes the next committed record.
    ///
    /// - Throws: where the record cannot follow; the image is then unchanged and the node must not go on.
    package mutating func apply(
        _ record: MetadataRecord, at offset: Offset, epoch: LeaderEpoch
    ) throws(MetadataError) {
        if var transaction = self.transaction {
            // The copy goes away first, so that the image is changed in place.
            self.transaction = nil
            do throws(MetadataError) {
                try self.apply(record, in: &transaction, at: offset, epoch: epoch)
            } catch {
                self.transaction = transaction
                throw error
            }
            return
        }
        switch record {
        case .beginTransaction:
            try self.image.apply(record, at: offset, epoch: epoch)
            self.transaction = Transaction(startOffset: offset, image: self.image, delta: self.delta)
        case .endTransaction, .abortTransaction:
            throw MetadataError(.unexpectedTransactionRecord, "no metadata transaction is open at offset \(offset)")
        default:
            // A record that throws leaves a key too many here, which a delta may have.
            self.delta.note(record, before: self.image)
            try self.image.apply(record, at: offset, epoch: epoch)
        }
    }

    private mutating func apply(
        _ record: MetadataRecord, in transaction: inout Transaction, at offset: Offset, epoch: LeaderEpoch
    ) throws(MetadataError) {
        switch record {
        case .beginTransaction:
            throw MetadataError(.unexpectedTransactionRecord, "a metadata transaction is open at offset \(offset)")
        case .endTransaction:
            try transaction.image.apply(record, at: offset, epoch: epoch)
            self.image = transaction.image
            self.delta = transaction.delta
        case .abortTransaction:
            try self.image.apply(record, at: offset, epoch: epoch)
        default:
            transaction.delta.note(record, before: transaction.image)
            try transaction.image.apply(record, at: offset, epoch: epoch)
            self.transaction = transaction
        }
    }

    /// Replaces everything by the image of a snapshot; the delta is what differs from the image published last.
    package mutating func load(_ snapshot: MetadataImage) {
        self.delta = MetadataDelta(from: self.published, to: snapshot)
        self.image = snapshot
        self.transaction = nil
    }

    /// What to publish since the last call; nil where no record was applied since, or all of them wait in a
    /// transaction. The delta is empty where the records changed nothing.
    package mutating func publish() -> MetadataPublication? {
        guard self.image.lastOffset != self.published.lastOffset else { return nil }
        self.published = self.image
        defer { self.delta = MetadataDelta() }
        return MetadataPublication(image: self.image, delta: self.delta)
    }
}

/// An image, and what changed since the one published before it.
package struct MetadataPublication: Equatable, Sendable {
    package let image: MetadataImage
    package let delta: MetadataDelta

    package init(image: MetadataImage, delta: MetadataDelta) {
        self.image = image
        self.delta = delta
    }
}
