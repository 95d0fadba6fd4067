import ApusCore
import History
import KafkaPrimitives
import KafkaRecords

/// How a value travels in a record: eight bytes, most significant first, and some that only fill.
enum StoredRecord {
    /// Calls `body` with the bytes of a record with `size` bytes to fill.
    static func withBytes<Result>(
        of value: WrittenValue, filling size: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: 8 + size, alignment: 8) { bytes in
            bytes.storeBytes(of: value.rawValue.bigEndian, as: Int64.self)
            for index in 0..<size { bytes[8 + index] = UInt8(truncatingIfNeeded: value.rawValue &+ Int64(index)) }
            return body(UnsafeRawBufferPointer(bytes))
        }
    }

    /// The values of a batch with their offsets; nil where the bytes are none that a workload wrote.
    static func reads(_ batch: RecordBatchView, scratch: CompressionScratch) -> [PolledReads.Read]? {
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: scratch)
            var reads: [PolledReads.Read] = []
            while let record = try records.next() {
                guard let value = record.value, value.count >= 8 else { return nil }
                let raw = value.withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
                for index in 8..<value.count
                where value.withUnsafeBytes({ $0[index] }) != UInt8(truncatingIfNeeded: raw &+ Int64(index - 8)) {
                    return nil
                }
                reads.append(PolledReads.Read(offset: record.offset, value: WrittenValue(raw)))
            }
            return reads
        } catch {
            return nil
        }
    }
}
