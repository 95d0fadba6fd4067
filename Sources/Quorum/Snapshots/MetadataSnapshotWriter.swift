import ApusCore
import KafkaPrimitives
import KafkaRecords
package import KafkaStoredMessages
package import LogStorage

/// A snapshot that is being made from records. May be used on any one thread; waits for the disk in `finish` alone.
package struct MetadataSnapshotWriter: ~Copyable {
    private var file: SnapshotWriter
    private let timestamp: Timestamp
    private let scratch = CompressionScratch()
    private var nextOffset: Offset = 0
    private var pending: [MetadataRecord] = []

    /// Records to a batch, as a reader takes them into memory together.
    private static let batchRecordsMax = 1000

    package var id: SnapshotID { self.file.id }

    init(
        _ file: consuming SnapshotWriter, lastContainedTimestamp: Timestamp, timestamp: Timestamp
    ) throws(QuorumError) {
        self.file = file
        self.timestamp = timestamp
        var header = SnapshotHeaderRecord()
        header.lastContainedLogTimestamp = lastContainedTimestamp
        try self.write(control: .snapshotHeader, header.encoded(version: 0))
    }

    /// Adds a record of the image.
    package mutating func append(_ record: MetadataRecord) throws(QuorumError) {
        self.pending.append(record)
        if self.pending.count == Self.batchRecordsMax { try self.writePending() }
    }

    /// Ends the snapshot. When it returns, it survives a power loss and may be reported with `snapshotFinished`.
    package consuming func finish() throws(QuorumError) {
        try self.writePending()
        try self.write(control: .snapshotFooter, SnapshotFooterRecord().encoded(version: 0))
        do throws(LogError) {
            try self.file.finish()
        } catch {
            throw .storage(error)
        }
    }

    /// Gives the snapshot up; it has to be reported with `snapshotAbandoned`.
    package consuming func discard() throws(QuorumError) {
        do throws(LogError) {
            try self.file.discard()
        } catch {
            throw .storage(error)
        }
    }

    private mutating func writePending() throws(QuorumError) {
        guard !self.pending.isEmpty else { return }
        let count = self.pending.count
        try self.write(
            MetadataBatchBuilding.batch(
                self.pending, at: self.nextOffset, epoch: self.file.id.epoch, timestamp: self.timestamp,
                scratch: self.scratch),
            recordCount: count)
        self.pending.removeAll(keepingCapacity: true)
    }

    private mutating func write(control type: ControlRecordType, _ value: ByteSlice) throws(QuorumError) {
        try self.write(
            MetadataBatchBuilding.batch(
                control: type, value, at: self.nextOffset, epoch: self.file.id.epoch, timestamp: self.timestamp,
                scratch: self.scratch),
            recordCount: 1)
    }

    private mutating func write(_ batch: ByteSlice, recordCount: Int) throws(QuorumError) {
        do throws(LogError) {
            try self.file.append(batch)
        } catch {
            throw .storage(error)
        }
        self.nextOffset += Int64(recordCount)
    }
}
