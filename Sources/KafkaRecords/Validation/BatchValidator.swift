package import ApusCore
package import KafkaPrimitives

/// Judges batches before they are appended, as Kafka 4.3's leader does.
///
/// Uncompressed batches are read twice, once for the checksum and once for the records' structure, and nothing is
/// allocated. Compressed ones are decompressed into the caller's scratch. The bytes are never changed.
///
/// Two rules are stricter than Kafka's: offset deltas have to count up from 0, and there is a limit to what a batch
/// may decompress to.
package struct BatchValidator: Hashable, Sendable {
    package var rules: TopicRecordRules
    package var origin: AppendOrigin

    package init(rules: TopicRecordRules, origin: AppendOrigin = .client) {
        self.rules = rules
        self.origin = origin
    }

    /// Judges what a produce request of `version` (3 or later) carries for one partition: exactly one batch.
    ///
    /// Bytes of an incomplete batch after it are ignored. Throws the `RecordError` that the producer is answered with.
    package func validate(
        produced records: ByteSlice, version: Int16, now: Timestamp, scratch: CompressionScratch
    ) throws(RecordError) -> BatchVerdict {
        var scanner = LogEntryScanner(records)
        guard let first = try scanner.next() else {
            throw RecordError(
                .invalidRecord,
                "Produce requests with version \(version) must have at least one record batch per partition")
        }
        guard case .batch(let batch) = first else {
            throw RecordError(
                .invalidRecord,
                "Produce requests with version \(version) are only allowed to contain record batches "
                    + "with magic version 2")
        }
        if version < 7, batch.header.compression == .zstd {
            throw RecordError(
                .unsupportedCompression,
                "Produce requests with version \(version) are not allowed to use ZStandard compression")
        }
        if try scanner.next() != nil {
            throw RecordError(
                .invalidRecord,
                "Produce requests with version \(version) are only allowed to contain exactly one record batch "
                    + "per partition")
        }
        return try self.validate(batch, now: now, scratch: scratch)
    }

    /// Judges one batch. `now` is the broker's time, and what a topic with append time stamps it with.
    package func validate(
        _ batch: RecordBatchView, now: Timestamp, scratch: CompressionScratch
    ) throws(RecordError) -> BatchVerdict {
        let header = batch.header
        if self.origin == .client, header.baseOffset != 0 {
            throw RecordError(
                .invalidRecord, "The baseOffset of the record batch should be 0, but it is \(header.baseOffset)")
        }
        guard batch.sizeInBytes <= self.rules.messageBytesMax else {
            throw Self.tooLarge(batch.sizeInBytes, max: self.rules.messageBytesMax)
        }
        try Self.checkIntegrity(of: batch)
        if self.origin == .client { try Self.checkClientRules(header) }
        guard let codec = header.compression else {
            throw RecordError(.unsupportedCompression, "Attributes \(header.attributes.rawValue) name no codec")
        }
        let records = try scratch.decompress(
            batch.records, codec: codec, limit: self.rules.decompressedBytesMax)
        let inspection = RecordInspection(header: header, rules: self.rules, now: now)
        let outcome = records.withUnsafeBytes { inspection.run(over: $0) }
        guard case .passed(let maxTimestamp) = outcome else {
            throw inspection.error(for: outcome, records: records)
        }
        let validated = ValidatedBatch(
            batch: batch, time: self.time(of: header, maxTimestamp: maxTimestamp, now: now))
        guard case .fixed(let setting) = self.rules.compression, setting.codec != codec,
            !(codec == .none && header.isControl)
        else { return .append(validated) }
        return .rewrite(
            BatchRewrite(
                original: validated, setting: setting, records: records,
                messageBytesMax: self.rules.messageBytesMax))
    }

    /// Throws `corruptBatch` unless the checksum is right: all that a follower asks of what its leader sent.
    package static func checkIntegrity(of batch: RecordBatchView) throws(RecordError) {
        let computed = batch.computedChecksum()
        guard computed == batch.header.crc else {
            throw RecordError(
                .corruptBatch, "Record is corrupt (stored crc = \(batch.header.crc), computed crc = \(computed))")
        }
    }

    static func tooLarge(_ size: Int, max: Int) -> RecordError {
        RecordError(
            .messageTooLarge,
            "The record batch size is \(size) bytes which exceeds the maximum configured value of \(max)")
    }

    private static func checkClientRules(_ header: RecordBatchHeader) throws(RecordError) {
        guard header.lastOffsetDelta >= 0 else {
            throw RecordError(
                .invalidRecord, "Batch has an invalid offset range: [\(header.baseOffset), \(header.lastOffset)]")
        }
        guard header.recordCount > 0 else {
            throw RecordError(.invalidRecord, "Invalid reported count for record batch: \(header.recordCount)")
        }
        guard header.lastOffsetDelta == header.recordCount - 1 else {
            throw RecordError(
                .invalidRecord,
                "Inconsistent batch offset range [\(header.baseOffset), \(header.lastOffset)] "
                    + "and count of records \(header.recordCount)")
        }
        guard !header.isControl else {
            throw RecordError(.invalidRecord, "Clients are not allowed to write control records")
        }
        guard !header.hasProducerID || header.baseSequence >= 0 else {
            throw RecordError(
                .invalidRecord,
                "Invalid sequence number \(header.baseSequence) in record batch with producerId \(header.producerID)")
        }
    }

    private func time(of header: RecordBatchHeader, maxTimestamp: Timestamp, now: Timestamp) -> HeaderPatch.Time {
        switch self.rules.timestampType {
        case .logAppendTime:
            return .logAppendTime(now)
        case .createTime:
            let isRight = header.timestampType == .createTime && header.maxTimestamp == maxTimestamp
            return isRight ? .unchanged : .createTime(max: maxTimestamp)
        }
    }
}
