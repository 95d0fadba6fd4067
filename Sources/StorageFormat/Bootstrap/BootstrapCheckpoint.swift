package import ApusCore
package import KafkaPrimitives
package import KafkaStoredMessages

/// The first records of a new cluster, which the first active controller writes to the metadata log.
///
/// Shape of the file: a control batch with the snapshot's header at offset 0, a batch of records from offset 1, a control
/// batch with the footer. Source: KIP-778, `BootstrapDirectory` of Kafka 4.3.
package struct BootstrapCheckpoint: Equatable, Sendable {
    package static let fileName = "bootstrap.checkpoint"
    /// Larger files are refused before memory is taken.
    package static let bytesMax = 16 << 20

    package var records: [MetadataRecord]

    package init(records: [MetadataRecord]) {
        self.records = records
    }

    /// The records of a cluster with these features: `metadata.version` first, then what is on, by name.
    package init(_ choice: FeatureChoice) {
        self.records = [Self.record("metadata.version", choice.release.level)]
        // The level of kraft.version is the quorum's own matter, and stands in its control records.
        for feature in ClusterFeature.allCases.sorted(by: { $0.rawValue < $1.rawValue }) where feature != .kraft {
            let level = choice.level(of: feature)
            if level > 0 { self.records.append(Self.record(feature.rawValue, level)) }
        }
    }

    /// The file's bytes, stamped with `now`.
    package func encode(now: Timestamp) -> [UInt8] {
        var snapshot = SnapshotBytes(now: now)
        snapshot.appendHeader(lastContained: 0)
        snapshot.append(self.records)
        snapshot.appendFooter()
        return snapshot.bytes
    }

    /// Reads the records of a file.
    ///
    /// - Throws: `malformedCheckpoint` where a batch or a record is damaged, of a type that is not known, or missing.
    package init(decoding bytes: ByteSlice) throws(StorageFormatError) {
        self.records = try SnapshotBytes.records(in: bytes)
    }

    private static func record(_ name: String, _ level: Int16) -> MetadataRecord {
        var record = FeatureLevelRecord()
        record.name = name
        record.featureLevel = level
        return .featureLevel(record)
    }
}
