package import ApusCore
package import KafkaPrimitives

/// Builds one batch of format 2, record by record.
package struct RecordBatchBuilder: ~Copyable {
    /// What the header says besides what follows from the records.
    package struct Options: Hashable, Sendable {
        package var baseOffset: Offset = 0
        package var leaderEpoch: LeaderEpoch = .unknown
        package var compression = CompressionSetting(.none)
        /// The broker's time, if the batch is stamped with that instead of with the records' own.
        package var logAppendTime: Timestamp?
        package var producerID: ProducerID = .none
        package var producerEpoch: ProducerEpoch = .none
        package var baseSequence: SequenceNumber = .none
        package var isTransactional = false
        package var isControl = false
        /// When compaction may drop the batch's tombstones (KIP-534); takes the place of the base timestamp.
        package var deleteHorizon: Timestamp?

        package init() {}
    }

    private var options: Options
    private var writer: ByteWriter
    private var baseTimestamp: Timestamp?
    private var maxTimestamp = Timestamp.none
    private var lastOffset: Offset
    package private(set) var recordCount: Int32 = 0

    /// `capacity` is a guess at the size of the batch in bytes.
    package init(_ options: Options, capacity: Int = 1024) {
        self.options = options
        self.lastOffset = options.baseOffset - 1
        self.baseTimestamp = options.deleteHorizon
        self.writer = ByteWriter(capacity: max(capacity, RecordBatchHeader.size))
        for _ in 0..<RecordBatchHeader.size { self.writer.writeInteger(UInt8(0)) }
    }

    /// Says which producer wrote the batch, where that is known only once its records are.
    package mutating func setProducer(_ id: ProducerID, epoch: ProducerEpoch, baseSequence: SequenceNumber) {
        self.options.producerID = id
        self.options.producerEpoch = epoch
        self.options.baseSequence = baseSequence
    }

    package var isEmpty: Bool { self.recordCount == 0 }

    /// Offset after the last record, or the base offset.
    package var nextOffset: Offset { self.lastOffset + 1 }

    /// Size of the batch in bytes before compression.
    package var uncompressedSize: Int { self.writer.count }

    /// Adds a record without headers at `nextOffset`, its key and value copied from memory that the caller keeps
    /// valid. For producers, which add very many.
    package mutating func append(
        timestamp: Timestamp, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?
    ) {
        precondition(self.recordCount < Int32.max)
        let base = self.baseTimestamp ?? timestamp
        self.baseTimestamp = base
        let offset = self.nextOffset
        let timestampDelta = timestamp.rawValue &- base.rawValue
        let offsetDelta = Int32(offset - self.options.baseOffset)
        let keySize = key.map { Self.varlongSize(Int64($0.count)) + $0.count } ?? 1
        let valueSize = value.map { Self.varlongSize(Int64($0.count)) + $0.count } ?? 1
        let length = 2 + Self.varlongSize(timestampDelta) + Self.varlongSize(Int64(offsetDelta)) + keySize + valueSize
        precondition(length <= Int(Int32.max), "record too large for a batch")
        self.writer.reserve(length + 5)
        self.writer.writeVarint(Int32(length))
        self.writer.writeInteger(UInt8(0))
        self.writer.writeVarlong(timestampDelta)
        self.writer.writeVarint(offsetDelta)
        self.writer.writeVarint(key.map { Int32($0.count) } ?? -1)
        if let key { self.writer.writeBytes(key) }
        self.writer.writeVarint(value.map { Int32($0.count) } ?? -1)
        if let value { self.writer.writeBytes(value) }
        self.writer.writeVarint(0)
        self.lastOffset = offset
        self.recordCount += 1
        self.maxTimestamp = max(self.maxTimestamp, timestamp)
    }

    /// Adds a record at `nextOffset`.
    package mutating func append(
        timestamp: Timestamp, key: ByteSlice?, value: ByteSlice?, headers: some Sequence<RecordHeader> = []
    ) {
        self.append(offset: self.nextOffset, timestamp: timestamp, key: key, value: value, headers: headers)
    }

    /// Adds a record at `offset`, which may leave a gap but must not go back.
    package mutating func append(
        offset: Offset, timestamp: Timestamp, key: ByteSlice?, value: ByteSlice?,
        headers: some Sequence<RecordHeader> = []
    ) {
        precondition(offset > self.lastOffset, "offsets of a batch ascend")
        precondition(offset - self.options.baseOffset <= Int64(Int32.max), "offset too far from the base offset")
        precondition(self.recordCount < Int32.max)
        let base = self.baseTimestamp ?? timestamp
        self.baseTimestamp = base
        let timestampDelta = timestamp.rawValue &- base.rawValue
        let offsetDelta = Int32(offset - self.options.baseOffset)
        let headers = Array(headers)

        var length = 1 + Self.varlongSize(timestampDelta) + Self.varlongSize(Int64(offsetDelta))
        length += Self.fieldSize(key) + Self.fieldSize(value) + Self.varlongSize(Int64(headers.count))
        for header in headers { length += Self.fieldSize(header.key) + Self.fieldSize(header.value) }
        precondition(length <= Int(Int32.max), "record too large for a batch")

        self.writer.reserve(length + 5)
        self.writer.writeVarint(Int32(length))
        self.writer.writeInteger(UInt8(0))
        self.writer.writeVarlong(timestampDelta)
        self.writer.writeVarint(offsetDelta)
        self.write(field: key)
        self.write(field: value)
        self.writer.writeVarint(Int32(headers.count))
        for header in headers {
            self.write(field: header.key)
            self.write(field: header.value)
        }
        self.lastOffset = offset
        self.recordCount += 1
        self.maxTimestamp = max(self.maxTimestamp, timestamp)
    }

    /// Adds a control record; the builder must be one of a control batch.
    package mutating func append(control type: ControlRecordType, value: ByteSlice, timestamp: Timestamp) {
        precondition(self.options.isControl, "control records are in batches of their own")
        self.append(timestamp: timestamp, key: type.key, value: value)
    }

    /// The batch, or nil if it has no records.
    ///
    /// `lastOffset` keeps the end of a batch whose last records were compacted away.
    package consuming func finish(
        scratch: CompressionScratch, lastOffset: Offset? = nil
    ) throws(RecordError) -> ByteSlice? {
        guard self.recordCount > 0 else { return nil }
        let last = lastOffset ?? self.lastOffset
        precondition(last >= self.lastOffset && last - self.options.baseOffset <= Int64(Int32.max))
        let options = self.options
        let header = RecordBatchHeader(
            baseOffset: options.baseOffset, batchLength: 0, leaderEpoch: options.leaderEpoch, crc: 0,
            attributes: RecordBatchAttributes(
                compression: options.compression.codec,
                timestampType: options.logAppendTime == nil ? .createTime : .logAppendTime,
                isTransactional: options.isTransactional, isControl: options.isControl,
                hasDeleteHorizon: options.deleteHorizon != nil),
            lastOffsetDelta: Int32(last - options.baseOffset), baseTimestamp: self.baseTimestamp ?? .none,
            maxTimestamp: options.logAppendTime ?? self.maxTimestamp, producerID: options.producerID,
            producerEpoch: options.producerEpoch, baseSequence: options.baseSequence, recordCount: self.recordCount)
        let plain = self.writer.finish()
        guard options.compression.codec != .none else { return header.seal(over: plain) }
        let records = plain[RecordBatchHeader.size..<plain.count]
        return header.seal(
            over: try scratch.compress(records, setting: options.compression, reserved: RecordBatchHeader.size))
    }

    private mutating func write(field: ByteSlice?) {
        guard let field else {
            self.writer.writeVarint(-1)
            return
        }
        self.writer.writeVarint(Int32(field.count))
        self.writer.writeRaw(field)
    }

    private static func fieldSize(_ field: ByteSlice?) -> Int {
        guard let field else { return 1 }
        return self.varlongSize(Int64(field.count)) + field.count
    }

    private static func varlongSize(_ value: Int64) -> Int {
        ByteWriter.unsignedVarlongSize(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }
}

extension RecordBatchView {
    /// A copy of the batch as another producer, or another epoch of it, would have written it.
    package func restamped(
        _ id: ProducerID, epoch: ProducerEpoch, baseSequence: SequenceNumber
    ) -> ByteSlice {
        var header = self.header
        header.producerID = id
        header.producerEpoch = epoch
        header.baseSequence = baseSequence
        return header.seal(over: self.bytes.withUnsafeBytes { ByteSlice(copying: $0) })
    }
}

extension RecordBatchHeader {
    /// Writes this header, with its length and checksum worked out, to the front of `batch`: room for a header, and
    /// records. The bytes must have been handed to nobody yet.
    func seal(over batch: ByteSlice) -> ByteSlice {
        precondition(batch.count >= Self.size && batch.count - Self.lengthPrefixSize <= Int(Int32.max))
        var header = self
        header.batchLength = Int32(batch.count - Self.lengthPrefixSize)
        let start = batch.storage.base + batch.start
        header.write(to: start)
        header.crc = batch.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[Self.checksummedStart...]))
        }
        header.write(to: start)
        return batch
    }
}
