package import ApusCore

/// How a batch ended.
package enum DeliveryOutcome: Hashable, Sendable {
    /// Acknowledged as configured. The base offset is `unknown` with acks=0, and where the broker has it from an
    /// earlier attempt that is too old to be remembered.
    case stored(baseOffset: Offset)
    /// Certainly not stored.
    case refused(ErrorCode)
    /// Given up; whether it is stored is not known.
    case unknown(ErrorCode)
}

/// The end of one batch. Those of a partition come in the order in which its records were appended.
package struct Delivery: Hashable, Sendable {
    package var topic: String
    package var partition: PartitionIndex
    package var recordCount: Int
    /// Before compression.
    package var bytes: Int
    package var outcome: DeliveryOutcome
    /// When the batch got its first record.
    package var began: Instant
    package var ended: Instant
    package var attempts: Int
}

/// Receives what becomes of a producer's records. Calls come on its loop.
package protocol ProducerHandler: AnyObject, Sendable {
    func delivered(_ delivery: Delivery)

    /// After `append` had no room: there is some now.
    func producerHasRoom()
}
