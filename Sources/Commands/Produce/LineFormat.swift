import KafkaPrimitives
import KafkaRecords

/// How a line becomes a record: the properties of Kafka's console producer. With all of them a line is headers, key and
/// value: `name:value,name:value<TAB>key<TAB>value`.
struct LineFormat: Equatable, Sendable {
    var parsesKey = false
    var keySeparator = Array("\t".utf8)
    var parsesHeaders = false
    var headersDelimiter = Array("\t".utf8)
    var headersSeparator = Array(",".utf8)
    var headerKeySeparator = Array(":".utf8)
    /// What stands for null; nil where nothing does.
    var nullMarker: [UInt8]?

    /// The parts of a line. Key and value point into it.
    struct Parts {
        var headers: [RecordHeader] = []
        var key: UnsafeRawBufferPointer?
        var value: UnsafeRawBufferPointer?
    }

    /// A line that is not made as the properties say.
    struct LineError: Error, Equatable {
        var message: String
    }

    init(properties: [String] = []) throws(CommandFailure) {
        for property in properties {
            let parts = property.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandFailure("--property \(property) is not NAME=VALUE") }
            let bytes = Array(parts[1].utf8)
            switch parts[0] {
            case "parse.key": self.parsesKey = parts[1] == "true"
            case "parse.headers": self.parsesHeaders = parts[1] == "true"
            case "null.marker": self.nullMarker = bytes
            case "key.separator": self.keySeparator = try Self.separator(bytes, parts[0])
            case "headers.delimiter": self.headersDelimiter = try Self.separator(bytes, parts[0])
            case "headers.separator": self.headersSeparator = try Self.separator(bytes, parts[0])
            case "headers.key.separator": self.headerKeySeparator = try Self.separator(bytes, parts[0])
            default: throw CommandFailure("--property \(parts[0]) is not known")
            }
        }
    }

    private static func separator(_ bytes: [UInt8], _ name: String) throws(CommandFailure) -> [UInt8] {
        guard !bytes.isEmpty else { throw CommandFailure("--property \(name) is empty") }
        return bytes
    }

    /// A line without the separator of the key is a value alone; one without that of the headers is an error.
    func parse(_ line: UnsafeRawBufferPointer) throws(LineError) -> Parts {
        var parts = Parts()
        var rest = line
        if self.parsesHeaders {
            guard let (headers, others) = Self.split(rest, at: self.headersDelimiter) else {
                throw LineError(message: "no headers.delimiter in '\(Self.text(line))'")
            }
            parts.headers = try self.headers(headers)
            rest = others
        }
        parts.value = self.orNull(rest)
        if self.parsesKey, let (key, value) = Self.split(rest, at: self.keySeparator) {
            parts.key = self.orNull(key)
            parts.value = self.orNull(value)
        }
        return parts
    }

    private func headers(_ text: UnsafeRawBufferPointer) throws(LineError) -> [RecordHeader] {
        var headers: [RecordHeader] = []
        guard self.orNull(text) != nil, !text.isEmpty else { return headers }
        var rest = Optional(text)
        while let left = rest {
            let cut = Self.split(left, at: self.headersSeparator)
            let pair = cut?.0 ?? left
            rest = cut?.1
            guard let (key, value) = Self.split(pair, at: self.headerKeySeparator) else {
                throw LineError(message: "no headers.key.separator in '\(Self.text(pair))'")
            }
            guard let key = self.orNull(key) else {
                throw LineError(message: "the name of a header must not be null, in '\(Self.text(pair))'")
            }
            headers.append(
                RecordHeader(key: ByteSlice(copying: key), value: self.orNull(value).map { ByteSlice(copying: $0) }))
        }
        return headers
    }

    private func orNull(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let marker = self.nullMarker else { return bytes }
        return bytes.elementsEqual(marker) ? nil : bytes
    }

    private static func split(
        _ bytes: UnsafeRawBufferPointer, at separator: [UInt8]
    ) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer)? {
        guard bytes.count >= separator.count else { return nil }
        for start in 0...(bytes.count - separator.count)
        where bytes[start..<start + separator.count].elementsEqual(separator) {
            return (
                UnsafeRawBufferPointer(rebasing: bytes[..<start]),
                UnsafeRawBufferPointer(rebasing: bytes[(start + separator.count)...])
            )
        }
        return nil
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
}
