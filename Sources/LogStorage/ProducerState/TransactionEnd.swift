package import ApusCore
package import KafkaPrimitives
package import KafkaRecords

/// The marker with which a coordinator ends a producer's transaction in a partition.
package struct TransactionEnd: Hashable, Sendable {
    package var isAbort: Bool
    package var coordinatorEpoch: Int32
    package var timestamp: Timestamp

    package init(isAbort: Bool, coordinatorEpoch: Int32, timestamp: Timestamp) {
        self.isAbort = isAbort
        self.coordinatorEpoch = coordinatorEpoch
        self.timestamp = timestamp
    }

    /// Reads the marker from a batch: its header, and its records as stored. Nil for batches that are none.
    ///
    /// Throws `RecordError` for a control batch of a producer that cannot be read.
    package init?(header: RecordBatchHeader, records: ByteSlice) throws(RecordError) {
        guard header.isControl, header.hasProducerID, let codec = header.compression else { return nil }
        // Nobody compresses markers, but nothing forbids it.
        let plain =
            codec == .none
            ? records
            : try CompressionScratch().decompress(records, codec: codec, limit: Self.markerBytesMax)
        var iterator = RecordIterator(header: header, uncompressedRecords: plain)
        guard let record = try iterator.next(), let key = record.key, let value = record.value else { return nil }
        switch ControlRecordType(key: key) {
        case .abort: self.isAbort = true
        case .commit: self.isAbort = false
        case .leaderChange, .snapshotHeader, .snapshotFooter, .kraftVersion, .kraftVoters, nil: return nil
        }
        self.coordinatorEpoch = try EndTransactionMarker(reading: value).coordinatorEpoch
        self.timestamp = record.timestamp
    }

    /// Far more than a marker has.
    private static let markerBytesMax = 64 << 10
}
