import ApusCore
package import KafkaPrimitives

/// Reads the records of a batch one after the other. For readers, not for the path of a produce request.
package struct RecordIterator {
    private let header: RecordBatchHeader
    /// The records, decompressed.
    private let bytes: ByteSlice
    private var position = 0
    private var recordsRead: Int32 = 0

    /// More bytes than this from one batch are refused unless the caller says otherwise.
    package static let decompressedBytesMax = 256 << 20

    /// Decompresses the records if need be, into memory of `scratch`.
    ///
    /// Throws `unsupportedCompression`, `invalidCompression`, or `decompressedTooLarge` past `limit` bytes.
    package init(
        _ batch: RecordBatchView, scratch: CompressionScratch, limit: Int = Self.decompressedBytesMax
    ) throws(RecordError) {
        guard let codec = batch.header.compression else {
            throw RecordError(.unsupportedCompression, "attributes \(batch.header.attributes.rawValue) name no codec")
        }
        // A batch whose records were all compacted away has nothing to decompress.
        let records =
            batch.header.recordCount == 0
            ? ByteSlice.empty : try scratch.decompress(batch.records, codec: codec, limit: limit)
        self.init(header: batch.header, uncompressedRecords: records)
    }

    /// Reads `uncompressedRecords` as the records of a batch with that header.
    package init(header: RecordBatchHeader, uncompressedRecords: ByteSlice) {
        self.header = header
        self.bytes = uncompressedRecords
    }

    /// The next record, or nil after the last.
    ///
    /// Throws `invalidRecord` where the bytes are not as many well-formed records as the header says. The iterator is
    /// of no use after that.
    package mutating func next() throws(RecordError) -> Record? {
        guard self.recordsRead < self.header.recordCount else {
            guard self.position == self.bytes.count else {
                throw RecordError(.invalidRecord, "bytes are left after \(self.header.recordCount) records")
            }
            return nil
        }
        let layout = self.bytes.withUnsafeBytes { bytes in
            RecordLayout(bytes: bytes, position: self.position)
        }
        guard let layout else {
            throw RecordError(.invalidRecord, "record \(self.recordsRead) is not well formed")
        }
        self.position = layout.end
        self.recordsRead += 1
        return self.record(layout)
    }

    private func record(_ layout: RecordLayout) -> Record {
        let timestamp =
            switch self.header.timestampType {
            case .createTime: Timestamp(self.header.baseTimestamp.rawValue &+ layout.timestampDelta)
            case .logAppendTime: self.header.maxTimestamp
            }
        return Record(
            offset: Offset(self.header.baseOffset.rawValue &+ Int64(layout.offsetDelta)), timestamp: timestamp,
            sequence: self.header.baseSequence == .none
                ? .none : self.header.baseSequence.advanced(by: layout.offsetDelta),
            key: layout.key.map { self.bytes[$0] }, value: layout.value.map { self.bytes[$0] },
            headers: RecordHeaders(count: layout.headerCount, bytes: self.bytes[layout.headers]))
    }
}

/// Where the parts of one record lie.
struct RecordLayout {
    var timestampDelta: Int64
    var offsetDelta: Int32
    var key: Range<Int>?
    var value: Range<Int>?
    var headerCount: Int
    var headers: Range<Int>
    /// Position after the record.
    var end: Int

    /// The record at `position`, or nil if it is not well formed or does not end within `bytes`.
    init?(bytes: UnsafeRawBufferPointer, position: Int) {
        guard position < bytes.count, let start = bytes.baseAddress else { return nil }
        var cursor = RecordCursor(start: start + position, count: bytes.count - position)
        let length = cursor.readVarint()
        guard length >= 0, Int(length) <= cursor.remaining else { return nil }
        self.end = (cursor.next - start) + Int(length)
        _ = cursor.readByte()
        self.timestampDelta = cursor.readVarlong()
        self.offsetDelta = cursor.readVarint()
        self.key = Self.field(&cursor, start: start)
        self.value = Self.field(&cursor, start: start)
        let headerCount = cursor.readVarint()
        let headersStart = cursor.next - start
        guard headerCount >= 0, Int(headerCount) <= cursor.remaining else { return nil }
        for _ in 0..<headerCount where !cursor.hasFailed {
            let keyLength = cursor.readVarint()
            if keyLength < 0 { cursor.fail() }
            cursor.skip(keyLength)
            cursor.skip(cursor.readVarint())
        }
        guard !cursor.hasFailed, cursor.next - start == self.end else { return nil }
        self.headerCount = Int(headerCount)
        self.headers = headersStart..<self.end
    }

    private static func field(_ cursor: inout RecordCursor, start: UnsafeRawPointer) -> Range<Int>? {
        let length = cursor.readVarint()
        guard length >= 0 else { return nil }
        let position = cursor.next - start
        cursor.skip(length)
        return cursor.hasFailed ? nil : position..<position + Int(length)
    }
}
