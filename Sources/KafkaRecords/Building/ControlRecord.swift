package import KafkaPrimitives

/// What a control record says. The raw value is the wire's.
///
/// Source: `ControlRecordTypeSchema` of Kafka 4.3; KIP-98, KIP-595, KIP-630, KIP-853.
package enum ControlRecordType: Int16, Hashable, Sendable {
    case abort = 0
    case commit = 1
    case leaderChange = 2
    case snapshotHeader = 3
    case snapshotFooter = 4
    case kraftVersion = 5
    case kraftVoters = 6

    /// Bytes of a control record's key.
    package static let keySize = 4

    /// The key of a control record of this type. Shape: version 2 (0), type 2.
    package var key: ByteSlice { ByteSlice([0, 0, UInt8(self.rawValue >> 8), UInt8(self.rawValue & 0xff)]) }

    /// The type that a control record's key names; nil for one that is too short, or of a type from the future, which
    /// a reader passes over.
    package init?(key: ByteSlice) {
        guard key.count >= Self.keySize else { return nil }
        let (version, type) = key.withUnsafeBytes { bytes in
            (
                Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)),
                Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: Int16.self))
            )
        }
        guard version >= 0 else { return nil }
        self.init(rawValue: type)
    }
}

/// The value of a control record that ends a transaction.
///
/// Shape: version 2 (0), coordinator epoch 4. Source: `EndTxnMarker` of Kafka 4.3.
package struct EndTransactionMarker: Hashable, Sendable {
    package var coordinatorEpoch: Int32

    package init(coordinatorEpoch: Int32) {
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Reads a marker of this or a later version. Throws `invalidRecord` if it is too short.
    package init(reading value: ByteSlice) throws(RecordError) {
        guard value.count >= 6 else { throw RecordError(.invalidRecord, "transaction marker of \(value.count) bytes") }
        self.coordinatorEpoch = value.withUnsafeBytes { bytes in
            Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: Int32.self))
        }
    }

    /// The value as bytes.
    package var encoded: ByteSlice {
        var writer = ByteWriter(capacity: 6)
        writer.writeInt16(0)
        writer.writeInt32(self.coordinatorEpoch)
        return writer.finish()
    }
}
