package import ApusCore

/// As whom a partition's batches are stored, and how far it has come.
///
/// The broker keeps sequences by partition, so one partition may go on in a later epoch while the others stay.
package struct ProducerIdentity: Hashable, Sendable {
    package private(set) var id: ProducerID
    package private(set) var epoch: ProducerEpoch = 0
    package private(set) var nextSequence: SequenceNumber = 0

    package init(id: ProducerID, epoch: ProducerEpoch) {
        self.id = id
        self.epoch = epoch
    }

    /// A batch of `count` records was stored.
    package mutating func advance(by count: Int32) {
        self.nextSequence = self.nextSequence.advanced(by: count)
    }

    /// The identity that follows, in which sequences begin anew; nil where this id has no epochs left.
    package var successor: ProducerIdentity? {
        guard self.epoch < ProducerEpoch(Int16.max - 1) else { return nil }
        return ProducerIdentity(id: self.id, epoch: self.epoch + 1)
    }
}
