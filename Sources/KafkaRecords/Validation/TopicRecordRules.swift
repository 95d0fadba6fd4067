/// What a topic's configuration demands of the batches that are appended to it.
package struct TopicRecordRules: Hashable, Sendable {
    /// `max.message.bytes`: the largest batch, header included, as it is stored.
    package var messageBytesMax = 1_048_588
    /// `cleanup.policy` contains `compact`, so every record needs a key.
    package var isCompacted = false
    /// `message.timestamp.type`
    package var timestampType = TimestampType.createTime
    /// `message.timestamp.before.max.ms`: how far a record's time may lie in the past, in milliseconds.
    package var timestampBeforeMaxMs = Int64.max
    /// `message.timestamp.after.max.ms`: how far a record's time may lie in the future, in milliseconds.
    package var timestampAfterMaxMs: Int64 = 3_600_000
    /// `compression.type`
    package var compression = TopicCompression.producer
    /// The records of one batch may take this many bytes once decompressed; Kafka has no such limit.
    package var decompressedBytesMax = 256 << 20

    package init() {}
}

/// Who appends a batch.
package enum AppendOrigin: Hashable, Sendable {
    /// A produce request: nothing is trusted.
    case client
    /// A coordinator of this broker, which may write control records and offsets as it likes.
    case coordinator
}
