import ApusCore
package import KafkaPrimitives
package import MessageSchema

/// Writes messages from the schema model: each field random, or each at its default.
package struct SampleWriter {
    private let layout: MessageLayout
    private let version: Int16
    private let isFlexible: Bool
    private let addsUnknownTags: Bool
    private var random: SeededRandom?

    /// A message with random content; where `addsUnknownTags`, with a tagged field nobody knows in each structure.
    package static func random(
        _ layout: MessageLayout, version: Int16, seed: UInt64, addsUnknownTags: Bool = false
    ) -> ByteSlice {
        var sample = SampleWriter(layout, version, SeededRandom(seed: seed), addsUnknownTags)
        return sample.message()
    }

    /// A message whose fields all have their defaults.
    package static func defaults(_ layout: MessageLayout, version: Int16) -> ByteSlice {
        var sample = SampleWriter(layout, version, nil, false)
        return sample.message()
    }

    private init(_ layout: MessageLayout, _ version: Int16, _ random: SeededRandom?, _ addsUnknownTags: Bool) {
        self.layout = layout
        self.version = version
        self.isFlexible = layout.message.isFlexible(version)
        self.addsUnknownTags = addsUnknownTags
        self.random = random
    }

    private mutating func message() -> ByteSlice {
        var writer = ByteWriter()
        self.write(structure: self.layout.message.fields, into: &writer)
        return writer.finish()
    }

    private mutating func draw(_ bound: UInt64) -> UInt64 {
        guard var random = self.random else { return 0 }
        defer { self.random = random }
        return random.next() % bound
    }

    private mutating func write(structure fields: [FieldDefinition], into writer: inout ByteWriter) {
        let present = fields.filter { $0.versions.contains(self.version) }
        for field in present where field.tag == nil {
            self.write(field, into: &writer)
        }
        guard self.isFlexible else { return }
        var tagged: [(tag: UInt32, content: ByteSlice)] = []
        for field in present.filter({ $0.tag != nil }).sorted(by: { ($0.tag ?? 0) < ($1.tag ?? 0) }) {
            guard self.random != nil, self.draw(3) > 0, let tag = field.tag else { continue }
            tagged.append((tag, self.contentOtherThanDefault(of: field)))
        }
        if self.addsUnknownTags { tagged.append((20_000, ByteSlice([1, 2, 3]))) }
        writer.writeUnsignedVarint(UInt32(tagged.count))
        for (tag, content) in tagged {
            writer.writeUnsignedVarint(tag)
            writer.writeUnsignedVarint(UInt32(content.count))
            writer.writeRaw(content)
        }
    }

    /// A tagged field with its default is not written at all, so it must have another value.
    private mutating func contentOtherThanDefault(of field: FieldDefinition) -> ByteSlice {
        var plain = SampleWriter(self.layout, self.version, nil, false)
        var writer = ByteWriter()
        plain.write(field, into: &writer)
        let standard = writer.finish()
        while true {
            var content = ByteWriter()
            let before = self.random
            self.write(field, into: &content)
            // Unknown tags inside would make a default look like another value, so the comparison leaves them out.
            var bare = SampleWriter(self.layout, self.version, before, false)
            var bareContent = ByteWriter()
            bare.write(field, into: &bareContent)
            if bareContent.finish() != standard { return content.finish() }
        }
    }

    private mutating func write(_ field: FieldDefinition, into writer: inout ByteWriter) {
        let compact = self.isFlexible && !field.isInflexible
        let mayBeNull = field.nullable?.contains(self.version) ?? false
        let isNull =
            if self.random == nil {
                mayBeNull && (field.defaultText == "null" || field.type == .records)
            } else {
                mayBeNull && self.draw(4) == 0
            }
        switch field.type {
        case .array(let element):
            if isNull { return writer.writeCount(-1, compact: compact) }
            let count = Int(self.draw(4))
            writer.writeCount(count, compact: compact)
            for _ in 0..<count { self.write(element, default: nil, compact: compact, into: &writer) }
        case .structure:
            if field.nullable != nil {
                if field.tag != nil {
                    writer.writeUnsignedVarint(isNull ? 0 : 1)
                } else {
                    writer.writeInt8(isNull ? -1 : 1)
                }
            }
            if !isNull { self.write(field.type, default: nil, compact: compact, into: &writer) }
        case .string where isNull:
            writer.writeStringLength(-1, compact: compact)
        case .bytes where isNull, .records where isNull:
            writer.writeCount(-1, compact: compact)
        default:
            self.write(field.type, default: field.defaultText, compact: compact, into: &writer)
        }
    }

    private mutating func write(
        _ type: FieldType, default text: String?, compact: Bool, into writer: inout ByteWriter
    ) {
        switch type {
        case .bool:
            let value = self.random == nil ? text == "true" : self.draw(2) == 1
            writer.writeBoolean(value)
        case .int8: writer.writeInt8(Int8(truncatingIfNeeded: self.integer(text)))
        case .int16: writer.writeInt16(Int16(truncatingIfNeeded: self.integer(text)))
        case .uint16: writer.writeUInt16(UInt16(truncatingIfNeeded: self.integer(text)))
        case .int32: writer.writeInt32(Int32(truncatingIfNeeded: self.integer(text)))
        case .uint32: writer.writeUInt32(UInt32(truncatingIfNeeded: self.integer(text)))
        case .int64: writer.writeInt64(self.integer(text))
        case .float64: writer.writeFloat64(Double(self.draw(1 << 40)) / 1024)
        case .uuid: writer.writeUUID(KafkaUUID(high: self.draw(.max), low: self.draw(.max)))
        case .string: writer.writeString(self.string(), compact: compact)
        case .bytes, .records: writer.writeBytes(self.bytes(), compact: compact)
        case .structure(let name): self.write(structure: self.layout[name]?.fields ?? [], into: &writer)
        case .array: preconditionFailure("an element is never an array")
        }
    }

    private mutating func integer(_ text: String?) -> Int64 {
        guard self.random != nil else { return Self.integer(text) }
        return self.draw(4) == 0 ? -1 : Int64(bitPattern: self.draw(.max))
    }

    private static func integer(_ text: String?) -> Int64 {
        guard let text else { return 0 }
        return (text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)) ?? 0
    }

    private mutating func string() -> String {
        let letters: [Character] = ["a", "Z", "0", "-", "é", "漢", "🐦"]
        // Now and then long enough for a length of two bytes.
        let count = self.draw(40) == 1 ? 150 : self.draw(6)
        return String((0..<count).map { _ in letters[Int(self.draw(UInt64(letters.count)))] })
    }

    private mutating func bytes() -> ByteSlice {
        let count = self.draw(9)
        return ByteSlice((0..<count).map { _ in UInt8(self.draw(256)) })
    }
}
