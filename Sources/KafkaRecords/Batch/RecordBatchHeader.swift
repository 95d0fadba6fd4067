package import ApusCore

/// The header of a record batch of format 2, as plain values.
///
/// Shape: 61 bytes, big-endian: base offset 8, batch length 4, partition leader epoch 4, magic 1, CRC 4, attributes 2,
/// last offset delta 4, base timestamp 8, largest timestamp 8, producer id 8, producer epoch 2, base sequence 4, record
/// count 4. The CRC covers everything from the attributes on; base offset, length, epoch and magic lie outside it.
/// Source: Kafka's message format documentation; KIP-98.
package struct RecordBatchHeader: Hashable, Sendable {
    package var baseOffset: Offset
    /// Bytes after this field, to the end of the batch.
    package var batchLength: Int32
    package var leaderEpoch: LeaderEpoch
    package var magic: Int8
    package var crc: UInt32
    package var attributes: RecordBatchAttributes
    package var lastOffsetDelta: Int32
    /// What the records' timestamp deltas count from; the delete horizon where the attributes say so.
    package var baseTimestamp: Timestamp
    package var maxTimestamp: Timestamp
    package var producerID: ProducerID
    package var producerEpoch: ProducerEpoch
    package var baseSequence: SequenceNumber
    package var recordCount: Int32

    /// Length of a header in bytes.
    package static let size = 61
    /// Bytes before those that `batchLength` counts: base offset and length.
    package static let lengthPrefixSize = 12
    /// Where the checksummed part begins: the attributes.
    package static let checksummedStart = 21
    /// The format this type describes.
    package static let currentMagic: Int8 = 2

    package init(
        baseOffset: Offset, batchLength: Int32, leaderEpoch: LeaderEpoch, crc: UInt32,
        attributes: RecordBatchAttributes, lastOffsetDelta: Int32, baseTimestamp: Timestamp, maxTimestamp: Timestamp,
        producerID: ProducerID = .none, producerEpoch: ProducerEpoch = .none, baseSequence: SequenceNumber = .none,
        recordCount: Int32
    ) {
        self.baseOffset = baseOffset
        self.batchLength = batchLength
        self.leaderEpoch = leaderEpoch
        self.magic = Self.currentMagic
        self.crc = crc
        self.attributes = attributes
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
    }

    /// Reads the header from `bytes`, of which `size` must be readable. Nothing is judged.
    package init(reading bytes: UnsafeRawPointer) {
        self.baseOffset = Offset(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        self.batchLength = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        self.leaderEpoch = LeaderEpoch(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self)))
        self.magic = bytes.load(fromByteOffset: 16, as: Int8.self)
        self.crc = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 17, as: UInt32.self))
        self.attributes = RecordBatchAttributes(
            rawValue: Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 21, as: Int16.self)))
        self.lastOffsetDelta = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 23, as: Int32.self))
        self.baseTimestamp = Timestamp(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 27, as: Int64.self)))
        self.maxTimestamp = Timestamp(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 35, as: Int64.self)))
        self.producerID = ProducerID(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 43, as: Int64.self)))
        self.producerEpoch = ProducerEpoch(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 51, as: Int16.self)))
        self.baseSequence = SequenceNumber(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 53, as: Int32.self)))
        self.recordCount = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 57, as: Int32.self))
    }

    /// Writes the header to `bytes`, of which `size` must be writable.
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: self.baseOffset.rawValue.bigEndian, as: Int64.self)
        bytes.storeBytes(of: self.batchLength.bigEndian, toByteOffset: 8, as: Int32.self)
        bytes.storeBytes(of: self.leaderEpoch.rawValue.bigEndian, toByteOffset: 12, as: Int32.self)
        bytes.storeBytes(of: self.magic, toByteOffset: 16, as: Int8.self)
        bytes.storeBytes(of: self.crc.bigEndian, toByteOffset: 17, as: UInt32.self)
        bytes.storeBytes(of: self.attributes.rawValue.bigEndian, toByteOffset: 21, as: Int16.self)
        bytes.storeBytes(of: self.lastOffsetDelta.bigEndian, toByteOffset: 23, as: Int32.self)
        bytes.storeBytes(of: self.baseTimestamp.rawValue.bigEndian, toByteOffset: 27, as: Int64.self)
        bytes.storeBytes(of: self.maxTimestamp.rawValue.bigEndian, toByteOffset: 35, as: Int64.self)
        bytes.storeBytes(of: self.producerID.rawValue.bigEndian, toByteOffset: 43, as: Int64.self)
        bytes.storeBytes(of: self.producerEpoch.rawValue.bigEndian, toByteOffset: 51, as: Int16.self)
        bytes.storeBytes(of: self.baseSequence.rawValue.bigEndian, toByteOffset: 53, as: Int32.self)
        bytes.storeBytes(of: self.recordCount.bigEndian, toByteOffset: 57, as: Int32.self)
    }
}

// MARK: What follows from the fields

extension RecordBatchHeader {
    /// Length of the whole batch in bytes, header included.
    package var sizeInBytes: Int { Int(self.batchLength) + Self.lengthPrefixSize }

    /// Offset of the last record, inclusive; it stays where compaction removed that record.
    package var lastOffset: Offset { Offset(self.baseOffset.rawValue &+ Int64(self.lastOffsetDelta)) }

    /// Offset after the last record.
    package var nextOffset: Offset { Offset(self.lastOffset.rawValue &+ 1) }

    /// Sequence number of the last record; after the largest comes 0. `none` where there is no sequence.
    package var lastSequence: SequenceNumber {
        guard self.baseSequence != .none else { return .none }
        return self.baseSequence.advanced(by: self.lastOffsetDelta)
    }

    /// The codec, or nil for a number that no codec has.
    package var compression: CompressionCodec? { self.attributes.compression }

    package var timestampType: TimestampType { self.attributes.timestampType }

    package var isTransactional: Bool { self.attributes.isTransactional }

    package var isControl: Bool { self.attributes.isControl }

    package var hasDeleteHorizon: Bool { self.attributes.hasDeleteHorizon }

    package var hasProducerID: Bool { self.producerID > .none }
}
