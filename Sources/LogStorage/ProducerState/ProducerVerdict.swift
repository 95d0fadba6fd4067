package import ApusCore

/// Whether a producer may append a batch now.
package enum ProducerVerdict: Hashable, Sendable {
    case accepted
    /// It is a retry: the same records lie at these offsets, both inclusive, with that time.
    case duplicate(baseOffset: Offset, lastOffset: Offset, timestamp: Timestamp)
    /// The batch is not appended, and the producer is told this.
    case refused(ErrorCode)
}
