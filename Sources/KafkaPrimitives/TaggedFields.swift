/// Where a reader stands among the tagged fields of one structure (KIP-482).
public struct TaggedFields: Sendable {
    /// Fields not begun yet.
    @usableFromInline var remaining: UInt32
    /// The tag of the field begun last; -1 before the first.
    @usableFromInline var lastTag: Int64
    /// Where the field begun last ends.
    @usableFromInline var end: Int

    @usableFromInline
    init(remaining: UInt32, end: Int) {
        self.remaining = remaining
        self.lastTag = -1
        self.end = end
    }
}

extension ByteReader {
    /// Begins the tagged fields of a structure, of which more than `taggedFieldCountMax` are refused.
    @inlinable
    public mutating func readTaggedFields() throws(DecodeError) -> TaggedFields {
        let count = try self.readUnsignedVarint()
        guard count <= UInt32(Self.taggedFieldCountMax) else { throw self.failure(.invalidLength) }
        return TaggedFields(remaining: count, end: self.position)
    }

    /// The tag of the next field; nil after the last one. Throws `invalidTaggedField` where the field before was not
    /// read to its end exactly, or where tags do not ascend.
    public mutating func nextTaggedField(_ fields: inout TaggedFields) throws(DecodeError) -> UInt32? {
        guard self.position == fields.end else { throw self.failure(.invalidTaggedField) }
        if fields.remaining == 0 { return nil }
        fields.remaining -= 1
        let tag = try self.readUnsignedVarint()
        guard Int64(tag) > fields.lastTag else { throw self.failure(.invalidTaggedField) }
        fields.lastTag = Int64(tag)
        let size = Int(try self.readUnsignedVarint())
        guard size <= self.remaining else { throw self.failure(.truncated) }
        fields.end = self.position + size
        return tag
    }

    /// Passes over the field begun last.
    @inlinable
    public mutating func skipTaggedField(_ fields: TaggedFields) throws(DecodeError) {
        self.position = fields.end
    }

    /// Passes over all tagged fields of a structure that knows none.
    @inlinable
    public mutating func skipTaggedFields() throws(DecodeError) {
        var fields = try self.readTaggedFields()
        while try self.nextTaggedField(&fields) != nil {
            try self.skipTaggedField(fields)
        }
    }
}

extension ByteWriter {
    /// Begins a tagged field, whose content is written next and ended with `endTaggedField`.
    ///
    /// Content with pieces of files is not allowed.
    @inlinable
    public mutating func beginTaggedField(_ tag: UInt32) -> Int {
        self.writeUnsignedVarint(tag)
        return self.count
    }

    /// Puts the size of what was written since `start` before it.
    public mutating func endTaggedField(from start: Int) {
        let size = self.count - start
        let width = Self.unsignedVarlongSize(UInt64(size))
        self.reserve(width)
        let content = self.storage.base + start
        (content + width).copyMemory(from: content, byteCount: size)
        self.count = start
        self.writeUnsignedVarint(UInt32(size))
        self.count += size
    }
}
