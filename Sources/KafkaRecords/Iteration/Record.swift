package import ApusCore
package import KafkaPrimitives

/// One record of a batch. Key, value and headers are slices of the batch, or of what it decompressed to.
///
/// Shape: length varint, attributes 1 (unused), timestamp delta varlong, offset delta varint, key and value each a
/// varint length (negative for null) and bytes, header count varint, headers.
package struct Record: Sendable {
    package var offset: Offset
    package var timestamp: Timestamp
    /// `none` where the producer is not idempotent.
    package var sequence: SequenceNumber
    package var key: ByteSlice?
    package var value: ByteSlice?
    package var headers: RecordHeaders
}

/// A header of a record: a name, which may occur more than once, and bytes or null.
package struct RecordHeader: Hashable, Sendable {
    /// UTF-8.
    package var key: ByteSlice
    package var value: ByteSlice?

    package init(key: ByteSlice, value: ByteSlice?) {
        self.key = key
        self.value = value
    }

    package var name: String { self.key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

/// The headers of a record, decoded as they are asked for.
package struct RecordHeaders: Sequence, Sendable {
    package let count: Int
    /// The headers as stored, without their count; they were checked when the record was read.
    let bytes: ByteSlice

    package static var empty: RecordHeaders { RecordHeaders(count: 0, bytes: .empty) }

    init(count: Int, bytes: ByteSlice) {
        self.count = count
        self.bytes = bytes
    }

    package func makeIterator() -> Iterator { Iterator(left: self.count, rest: self.bytes) }

    package struct Iterator: IteratorProtocol {
        fileprivate var left: Int
        fileprivate var rest: ByteSlice

        package mutating func next() -> RecordHeader? {
            guard self.left > 0 else { return nil }
            self.left -= 1
            let key = self.readBytes() ?? .empty
            return RecordHeader(key: key, value: self.readBytes())
        }

        private mutating func readBytes() -> ByteSlice? {
            let (length, size) = self.rest.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return (Int32(-1), 0) }
                var cursor = RecordCursor(start: start, count: bytes.count)
                let length = cursor.readVarint()
                return (length, bytes.count - cursor.remaining)
            }
            let end = size + Int(Swift.max(length, 0))
            let field = self.rest[size..<end]
            self.rest = self.rest[end..<self.rest.count]
            return length < 0 ? nil : field
        }
    }
}
