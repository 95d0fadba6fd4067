import ApusCore
import KafkaPrimitives

extension RecordInspection {
    /// The error for an outcome other than `passed`, with every record to blame, in Kafka's words.
    func error(for outcome: Outcome, records: ByteSlice) -> RecordError {
        switch outcome {
        case .passed:
            preconditionFailure("records that passed are no error")
        case .malformed(let index, let reason):
            return RecordError(.invalidRecord, "Record \(index) of the batch \(reason.rawValue)")
        case .rejected:
            return self.rejection(of: records)
        }
    }

    /// Goes over the records once more and lists those that break a rule of the topic.
    private func rejection(of records: ByteSlice) -> RecordError {
        var rejections: [RecordError.Rejection] = []
        var hasInvalidTimestamp = false
        var total = 0
        var iterator = RecordIterator(header: self.header, uncompressedRecords: records)
        var index: Int32 = 0
        do {
            while let record = try iterator.next() {
                if let (code, message) = self.complaint(about: record) {
                    if code == .invalidTimestamp { hasInvalidTimestamp = true }
                    total += 1
                    if rejections.count < RecordError.rejectionCountMax {
                        rejections.append(RecordError.Rejection(index: index, message: message))
                    }
                }
                index += 1
            }
        } catch {
            // A malformed record further on outweighs the rejected ones, as it does in Kafka.
            return error
        }
        if hasInvalidTimestamp {
            return RecordError(
                .invalidTimestamp, "One or more records have been rejected due to invalid timestamp",
                rejections: rejections)
        }
        return RecordError(
            .invalidRecord, "One or more records have been rejected due to \(total) record errors in total",
            rejections: rejections)
    }

    private func complaint(about record: Record) -> (RecordError.Code, String)? {
        if self.requiresKeys, record.key == nil {
            return (.invalidRecord, "Compacted topic cannot accept message without key")
        }
        if self.permits(record.timestamp) { return nil }
        if self.usesCreateTime, record.timestamp != .none {
            return (
                .invalidTimestamp,
                "Timestamp \(record.timestamp) of message with offset \(record.offset) is out of range. "
                    + "The timestamp should be within [\(self.timestampMin), \(self.timestampMax)]"
            )
        }
        return (
            .invalidTimestamp,
            "Invalid timestamp type in message with offset \(record.offset). "
                + "Producer should not set timestamp type to LogAppendTime."
        )
    }
}
