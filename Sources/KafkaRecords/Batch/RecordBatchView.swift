package import KafkaPrimitives

/// One record batch of format 2 in memory that it borrows: the header as values, the records as they lie there.
///
/// Only the length has been checked: all bytes of the batch are present. Whether they make sense is for
/// `hasValidChecksum` and `BatchValidator` to say.
package struct RecordBatchView: Sendable {
    package let header: RecordBatchHeader
    /// The whole batch, header included, and nothing after it.
    package let bytes: ByteSlice

    /// The batch at the start of `bytes`; what follows it is ignored.
    ///
    /// Throws `corruptBatch` if no whole batch of format 2 is there.
    package init(at bytes: ByteSlice) throws(RecordError) {
        guard bytes.count >= RecordBatchHeader.size else {
            throw RecordError(.corruptBatch, "\(bytes.count) bytes are too few for a batch")
        }
        let header = RecordBatchHeader(reading: bytes.pointer)
        guard header.magic == RecordBatchHeader.currentMagic else {
            throw RecordError(.corruptBatch, "magic \(header.magic) is not a batch of format 2")
        }
        let size = header.sizeInBytes
        guard size >= RecordBatchHeader.size, size <= bytes.count else {
            throw RecordError(.corruptBatch, "batch size \(size) does not fit the \(bytes.count) bytes present")
        }
        self.init(header: header, bytes: bytes[0..<size])
    }

    init(header: RecordBatchHeader, bytes: ByteSlice) {
        self.header = header
        self.bytes = bytes
    }

    package var sizeInBytes: Int { self.bytes.count }

    /// The records as stored: compressed if the header says so.
    package var records: ByteSlice { self.bytes[RecordBatchHeader.size..<self.bytes.count] }

    /// The checksum that the bytes have, whatever the header says.
    package func computedChecksum() -> UInt32 {
        self.bytes.withUnsafeBytes { bytes in
            CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.checksummedStart...]))
        }
    }

    /// True if the checksum in the header is that of the bytes.
    package var hasValidChecksum: Bool { self.computedChecksum() == self.header.crc }
}
