package import ApusCore
package import KafkaStoredMessages

/// The metadata log as the active controller sees it: it appends, and is told what has been committed.
package protocol MetadataAppender: AnyObject {
    /// The offset that the next record gets.
    var endOffset: Offset { get }

    /// The epoch in which this node leads the quorum.
    var leaderEpoch: LeaderEpoch { get }

    /// Appends records in order, in one batch where `isAtomic`.
    ///
    /// - Returns: the offset of the first; nil where this node leads no longer. They are durable, and safe from any
    ///   loss of a minority of voters, once they are reported as committed.
    func append(_ records: [MetadataRecord], isAtomic: Bool) -> Offset?
}
