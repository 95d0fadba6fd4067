public import KafkaPrimitives

extension RequestHeader {
    /// Reads the header of a request, whose own version follows from the API key and version at its start.
    ///
    /// Throws `unsupportedVersion` for an API that is not known; a version of a known API that is not known is read as
    /// the newest form of the header, for `ApiVersions` is answered even then.
    public init(from reader: inout ByteReader) throws(DecodeError) {
        var ahead = reader
        let key = APIKey(rawValue: try ahead.readInt16())
        let version = try ahead.readInt16()
        guard APITable[key] != nil, version >= 0 else { throw reader.failure(.unsupportedVersion) }
        try self.init(from: &reader, version: APITable.requestHeaderVersion(for: key, version: version))
    }

    /// The API that is asked for.
    public var apiKey: APIKey { APIKey(rawValue: self.requestApiKey) }
}
