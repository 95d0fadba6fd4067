package import KafkaRecords
package import KafkaStoredMessages
package import LogStorage

/// Why a node can take part in the quorum no longer. What its log holds is safe; the process has to start again.
package enum QuorumError: Error, Sendable {
    /// The log, a snapshot or the quorum's state could not be written or read.
    case storage(LogError)
    /// A committed batch or a snapshot cannot be read.
    case records(RecordError)
    /// A committed record is of a kind that this version does not know.
    case metadata(MetadataRecordError)
}
