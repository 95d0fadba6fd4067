import ApusCore
import KafkaPrimitives
import KafkaRecords
import LogStorage

/// Makes small record batches, whose records say which they are.
enum BatchMaker {
    /// A batch of `count` records with values of `valueSize` bytes, at offset 0 and without a leader epoch.
    static func batch(
        count: Int = 1, valueSize: Int = 20, timestamp: Timestamp = 1_700_000_000_000, fill: UInt8 = 0x61,
        producerID: ProducerID = .none, producerEpoch: ProducerEpoch = .none, baseSequence: SequenceNumber = .none,
        isTransactional: Bool = false
    ) -> LeaderBatch {
        var writer = ByteWriter()
        for index in 0..<count {
            var record = ByteWriter()
            record.writeInt8(0)
            record.writeVarlong(Int64(index))
            record.writeVarint(Int32(index))
            record.writeVarint(-1)
            record.writeVarint(Int32(valueSize))
            let value = [UInt8](repeating: fill, count: valueSize)
            value.withUnsafeBytes { record.writeBytes($0) }
            record.writeVarint(0)
            let bytes = record.finish()
            writer.writeVarint(Int32(bytes.count))
            writer.writeRaw(bytes)
        }
        return self.batch(
            records: writer.finish(),
            header: RecordBatchHeader(
                baseOffset: 0, batchLength: 0, leaderEpoch: .unknown, crc: 0,
                attributes: RecordBatchAttributes(isTransactional: isTransactional), lastOffsetDelta: Int32(count - 1),
                baseTimestamp: timestamp, maxTimestamp: timestamp + Int64(count - 1), producerID: producerID,
                producerEpoch: producerEpoch, baseSequence: baseSequence, recordCount: Int32(count)))
    }

    /// A marker that ends a transaction.
    static func marker(
        commit: Bool, producerID: ProducerID, producerEpoch: ProducerEpoch, timestamp: Timestamp = 1_700_000_000_000
    ) -> LeaderBatch {
        var record = ByteWriter()
        record.writeInt8(0)
        record.writeVarlong(0)
        record.writeVarint(0)
        record.writeVarint(4)
        record.writeInt16(0)
        record.writeInt16(commit ? 1 : 0)
        record.writeVarint(6)
        record.writeInt16(0)
        record.writeInt32(0)
        record.writeVarint(0)
        let bytes = record.finish()
        var writer = ByteWriter()
        writer.writeVarint(Int32(bytes.count))
        writer.writeRaw(bytes)
        return self.batch(
            records: writer.finish(),
            header: RecordBatchHeader(
                baseOffset: 0, batchLength: 0, leaderEpoch: .unknown, crc: 0,
                attributes: RecordBatchAttributes(isTransactional: true, isControl: true), lastOffsetDelta: 0,
                baseTimestamp: timestamp, maxTimestamp: timestamp, producerID: producerID,
                producerEpoch: producerEpoch, recordCount: 1))
    }

    private static func batch(records: ByteSlice, header: RecordBatchHeader) -> LeaderBatch {
        var header = header
        header.batchLength = Int32(
            RecordBatchHeader.size - RecordBatchHeader.lengthPrefixSize + records.count)
        let storage = ByteStorage(capacity: RecordBatchHeader.size)
        header.write(to: storage.base)
        let front = CRC32C.checksum(
            of: UnsafeRawBufferPointer(
                start: storage.base + RecordBatchHeader.checksummedStart,
                count: RecordBatchHeader.size - RecordBatchHeader.checksummedStart))
        header.crc = records.withUnsafeBytes { CRC32C.checksum(of: $0, continuing: front) }
        return LeaderBatch(header: header, records: records)
    }

    /// The bytes of a batch as a leader would send them to a follower.
    static func bytes(_ batch: LeaderBatch, at offset: Offset, epoch: LeaderEpoch) -> [UInt8] {
        var header = batch.header
        header.baseOffset = offset
        header.leaderEpoch = epoch
        let storage = ByteStorage(capacity: RecordBatchHeader.size)
        header.write(to: storage.base)
        return ByteSlice(storage: storage, start: 0, count: RecordBatchHeader.size).array + batch.records.array
    }
}
