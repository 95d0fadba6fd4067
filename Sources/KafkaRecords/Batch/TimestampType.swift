/// Whose clock the timestamps of a batch are from.
package enum TimestampType: Int16, Hashable, Sendable {
    /// The producer's; every record has its own.
    case createTime = 0
    /// The broker's at the append; all records of the batch share the batch's largest timestamp.
    case logAppendTime = 1
}
