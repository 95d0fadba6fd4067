/// A message or record of Kafka's protocol: one type for all versions, the version an argument.
///
/// A field that a version does not carry is dropped when encoding and has its default after decoding. Tagged fields
/// that are not known are passed over.
public protocol KafkaMessage: Sendable {
    /// The versions that are known.
    static var validVersions: ClosedRange<Int16> { get }

    /// The versions with compact lengths and tagged fields; from `Int16.max` where there are none.
    static var flexibleVersions: PartialRangeFrom<Int16> { get }

    init()

    /// Reads the message at the reader's position and leaves the reader after it. Throws `unsupportedVersion` where
    /// `version` is not known.
    init(from reader: inout ByteReader, version: Int16) throws(DecodeError)

    /// Writes the message. `version` must be one of `validVersions`.
    func encode(into writer: inout ByteWriter, version: Int16)
}

extension KafkaMessage {
    /// Reads a message that is all of `slice`. Throws `trailingBytes` where something follows it.
    public init(decoding slice: ByteSlice, version: Int16) throws(DecodeError) {
        var reader = ByteReader(slice)
        try self.init(from: &reader, version: version)
        try reader.expectEnd()
    }

    /// The message's bytes. Pieces of files are not among them: encode into a writer where there may be some.
    public func encoded(version: Int16) -> ByteSlice {
        var writer = ByteWriter()
        self.encode(into: &writer, version: version)
        return writer.finish()
    }
}
