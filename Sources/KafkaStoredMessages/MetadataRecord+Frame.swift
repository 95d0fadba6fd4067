public import KafkaPrimitives

/// Why a record of the metadata log could not be read.
public enum MetadataRecordError: Error, Hashable, Sendable {
    /// The frame around the record has a version other than 1.
    case unknownFrameVersion(UInt32)
    /// There is no record type of this number.
    case unknownType(UInt32)
    /// The record is of a known type and cannot be read.
    case malformed(DecodeError)
}

extension MetadataRecord {
    /// The version of the frame: unsigned varints for frame version, type and version, then the message.
    private static let frameVersion: UInt32 = 1

    /// Reads the value of a metadata log's record, which must hold one record and nothing after it.
    ///
    /// Source: KIP-631, "Record Format".
    public init(decoding slice: ByteSlice) throws(MetadataRecordError) {
        var reader = ByteReader(slice)
        let frame: UInt32
        var type: UInt32 = 0
        var record: MetadataRecord?
        do throws(DecodeError) {
            frame = try reader.readUnsignedVarint()
            if frame == Self.frameVersion {
                type = try reader.readUnsignedVarint()
                let version = try reader.readUnsignedVarint()
                record = try Self.record(type: type, from: &reader, version: version)
            }
        } catch {
            throw .malformed(error)
        }
        guard frame == Self.frameVersion else { throw .unknownFrameVersion(frame) }
        guard let record else { throw .unknownType(type) }
        self = record
    }

    /// Reads the message and expects the end after it; nil where the type is unknown.
    private static func record(
        type: UInt32, from reader: inout ByteReader, version: UInt32
    ) throws(DecodeError) -> MetadataRecord? {
        guard let type = Int16(exactly: type) else { return nil }
        guard let version = Int16(exactly: version) else { throw reader.failure(.unsupportedVersion) }
        guard let record = try MetadataRecord(type: type, from: &reader, version: version) else { return nil }
        try reader.expectEnd()
        return record
    }

    /// Writes the record with its frame, at `version` of its message, which must be known. The version that a cluster
    /// can read is that of `version(atMetadataVersion:)`.
    public func encode(into writer: inout ByteWriter, version: Int16) {
        writer.writeUnsignedVarint(Self.frameVersion)
        writer.writeUnsignedVarint(UInt32(self.recordType))
        writer.writeUnsignedVarint(UInt32(version))
        self.encodeMessage(into: &writer, version: version)
    }
}
