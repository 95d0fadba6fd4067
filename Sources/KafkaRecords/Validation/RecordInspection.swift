import ApusCore

/// One pass over the records of a batch that checks their structure and the topic's rules for single records.
///
/// It allocates nothing as long as the records are in order. What is wrong with them is told by a second pass, which
/// can afford to.
struct RecordInspection {
    let header: RecordBatchHeader
    let requiresKeys: Bool
    /// Records must lie between these, both inclusive; `Timestamp.none` is always permitted.
    let timestampMin: Timestamp
    let timestampMax: Timestamp
    /// The topic takes the records' own times.
    let usesCreateTime: Bool

    enum Outcome: Hashable {
        /// All is well; the latest of the records' times.
        case passed(maxTimestamp: Timestamp)
        /// The bytes are not the records that the header announces.
        case malformed(index: Int32, reason: Malformation)
        /// Well-formed so far, but this record breaks a rule of the topic.
        case rejected(index: Int32)
    }

    enum Malformation: String {
        case structure = "is not well formed"
        case length = "does not have the length it claims"
        case offset = "does not have the offset that follows"
        case trailing = "is followed by bytes that belong to no record"
    }

    init(header: RecordBatchHeader, rules: TopicRecordRules, now: Timestamp) {
        self.header = header
        self.requiresKeys = rules.isCompacted
        let (low, lowOverflows) = now.rawValue.subtractingReportingOverflow(rules.timestampBeforeMaxMs)
        let (high, highOverflows) = now.rawValue.addingReportingOverflow(rules.timestampAfterMaxMs)
        self.timestampMin = Timestamp(lowOverflows ? .min : low)
        self.timestampMax = Timestamp(highOverflows ? .max : high)
        self.usesCreateTime = rules.timestampType == .createTime
    }

    /// Checks `records`, which are not compressed (any more).
    func run(over records: UnsafeRawBufferPointer) -> Outcome {
        guard let start = records.baseAddress, self.header.recordCount >= 0 else {
            return .malformed(index: 0, reason: .structure)
        }
        var cursor = RecordCursor(start: start, count: records.count)
        var maxTimestamp = Timestamp.none
        let isAppendTime = self.header.timestampType == .logAppendTime
        let base = self.header.baseTimestamp.rawValue
        for index in 0..<self.header.recordCount {
            let length = cursor.readVarint()
            guard length >= 0, Int(length) <= cursor.remaining else {
                return .malformed(index: index, reason: .structure)
            }
            let bodyEnd = cursor.next + Int(length)
            _ = cursor.readByte()
            let timestampDelta = cursor.readVarlong()
            let offsetDelta = cursor.readVarint()
            let keyLength = cursor.readVarint()
            cursor.skip(keyLength)
            cursor.skip(cursor.readVarint())
            let headerCount = cursor.readVarint()
            if headerCount != 0 { Self.skipHeaders(headerCount, &cursor) }
            if cursor.hasFailed { return .malformed(index: index, reason: .structure) }
            if cursor.next != bodyEnd { return .malformed(index: index, reason: .length) }
            if offsetDelta != index { return .malformed(index: index, reason: .offset) }

            let timestamp = isAppendTime ? self.header.maxTimestamp : Timestamp(base &+ timestampDelta)
            if self.requiresKeys && keyLength < 0 || !self.permits(timestamp) { return .rejected(index: index) }
            if timestamp > maxTimestamp { maxTimestamp = timestamp }
        }
        guard cursor.remaining == 0 else {
            return .malformed(index: max(0, self.header.recordCount - 1), reason: .trailing)
        }
        return .passed(maxTimestamp: maxTimestamp)
    }

    /// True if a record may have that time. Where the topic has the broker's time instead, a producer must not claim
    /// that it was the broker.
    @inline(__always)
    func permits(_ timestamp: Timestamp) -> Bool {
        if self.usesCreateTime, timestamp != .none {
            return timestamp >= self.timestampMin && timestamp <= self.timestampMax
        }
        return self.header.timestampType == .createTime
    }

    private static func skipHeaders(_ count: Int32, _ cursor: inout RecordCursor) {
        guard count > 0, Int(count) <= cursor.remaining else {
            cursor.fail()
            return
        }
        for _ in 0..<count {
            let keyLength = cursor.readVarint()
            if keyLength < 0 { cursor.fail() }
            cursor.skip(keyLength)
            cursor.skip(cursor.readVarint())
            if cursor.hasFailed { return }
        }
    }
}
