/// Reads the notation of a schema file (see the target's README) into messages.
package struct SchemaParser {
    private var lines: [Line]
    private var position = 0

    private struct Line {
        var number: Int
        var words: [Substring]
        /// True where the line ends with `{`.
        var opens: Bool
    }

    /// The messages that `text` declares, in its order.
    package static func messages(in text: String) throws(SchemaError) -> [MessageDefinition] {
        var parser = SchemaParser(text: text)
        var messages: [MessageDefinition] = []
        while parser.position < parser.lines.count {
            messages.append(try parser.message())
        }
        return messages
    }

    private init(text: String) {
        self.lines = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            var words = content.split(separator: " ")
            if words.isEmpty { continue }
            let opens = words.last == "{"
            if opens { words.removeLast() }
            self.lines.append(Line(number: index + 1, words: words, opens: opens))
        }
    }

    private mutating func message() throws(SchemaError) -> MessageDefinition {
        let line = self.lines[self.position]
        var words = Words(line.words, line: line.number)
        guard let kind = MessageDefinition.Kind(rawValue: String(try words.next("a kind of message"))) else {
            throw words.error("not a kind of message")
        }
        let name = String(try words.next("a name"))
        var key: Int16?
        var versions: VersionRange?
        var flexible: VersionRange?
        var message = MessageDefinition(kind: kind, name: name, versions: VersionRange(0, 0))
        while let word = words.next() {
            switch word {
            case "key": key = try words.number("a key")
            case "versions": versions = try words.range()
            case "flexible": flexible = try words.range()
            case "unstable": message.unstableVersion = try words.number("a version")
            case "listeners": message.listeners = try words.next("listeners").split(separator: ",").map(String.init)
            case "equatable": message.isEquatable = true
            default: throw words.error("unknown attribute \(word)")
            }
        }
        guard let versions else { throw words.error("\(name) has no versions") }
        message.versions = versions
        message.key = key
        message.flexibleFrom = flexible?.lowest
        (message.fields, message.sharedStructures) = try self.body(of: line, allowsStructures: true)
        return message
    }

    /// The lines up to the brace that closes `line`'s.
    private mutating func body(
        of line: Line, allowsStructures: Bool
    ) throws(SchemaError) -> ([FieldDefinition], [StructureDefinition]) {
        guard line.opens else { throw SchemaError("a brace is missing", line: line.number) }
        self.position += 1
        var fields: [FieldDefinition] = []
        var structures: [StructureDefinition] = []
        while self.position < self.lines.count {
            let line = self.lines[self.position]
            if line.words == ["}"], !line.opens {
                self.position += 1
                return (fields, structures)
            }
            if line.words.first == "struct" {
                guard allowsStructures else { throw SchemaError("a structure within a field", line: line.number) }
                var words = Words(line.words.dropFirst(), line: line.number)
                let name = String(try words.next("a name"))
                let versions = try words.range()
                structures.append(
                    StructureDefinition(
                        name: name, versions: versions,
                        fields: try self.body(of: line, allowsStructures: false).0))
            } else {
                fields.append(try self.field())
            }
        }
        throw SchemaError("the brace is never closed", line: line.number)
    }

    private mutating func field() throws(SchemaError) -> FieldDefinition {
        let line = self.lines[self.position]
        var words = Words(line.words, line: line.number)
        let label = try words.next("a field")
        guard label.hasSuffix(":"), label.count > 1 else { throw words.error("a field is `name: type versions`") }
        guard let type = FieldType(text: try words.next("a type")) else { throw words.error("no such type") }
        var field = FieldDefinition(name: String(label.dropLast()), type: type, versions: try words.range())
        while let word = words.next() {
            switch word {
            case "nullable": field.nullable = try words.optionalRange() ?? field.versions
            case "=": field.defaultText = try Self.defaultValue(words.next("a default"), of: field, at: words)
            case "tag": field.tag = UInt32(try words.number("a tag") as Int16)
            case "entity": field.entityType = String(try words.next("an entity type"))
            case "ignorable": field.isIgnorable = true
            case "mapkey": field.isMapKey = true
            case "inflexible": field.isInflexible = true
            default: throw words.error("unknown attribute \(word)")
            }
        }
        if field.nullable != nil, !type.isNullable { throw words.error("\(field.name) cannot be null") }
        if line.opens {
            field.fields = try self.body(of: line, allowsStructures: false).0
        } else {
            self.position += 1
        }
        return field
    }

    private static func defaultValue(
        _ text: Substring, of field: FieldDefinition, at words: Words
    ) throws(SchemaError) -> String {
        let isValid =
            switch field.type {
            case _ where text == "null": field.nullable != nil
            case .bool: text == "true" || text == "false"
            case .string: text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            case .int8, .int16, .uint16, .int32, .uint32, .int64:
                text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) != nil : Int64(text) != nil
            default: false
            }
        guard isValid else { throw words.error("\(text) is no default for \(field.name)") }
        return String(text)
    }
}

/// The words of one line, front to back.
private struct Words {
    private var rest: ArraySlice<Substring>
    private let line: Int

    init(_ words: some Sequence<Substring>, line: Int) {
        self.rest = ArraySlice(words)
        self.line = line
    }

    func error(_ message: String) -> SchemaError {
        SchemaError(message, line: self.line)
    }

    mutating func next() -> Substring? {
        self.rest.popFirst()
    }

    mutating func next(_ what: String) throws(SchemaError) -> Substring {
        guard let word = self.rest.popFirst() else { throw self.error("\(what) is missing") }
        return word
    }

    mutating func range() throws(SchemaError) -> VersionRange {
        guard let range = VersionRange(text: try self.next("a range of versions")) else {
            throw self.error("not a range of versions")
        }
        return range
    }

    mutating func optionalRange() throws(SchemaError) -> VersionRange? {
        guard let word = self.rest.first, let range = VersionRange(text: word) else { return nil }
        self.rest.removeFirst()
        return range
    }

    mutating func number(_ what: String) throws(SchemaError) -> Int16 {
        guard let number = Int16(try self.next(what)), number >= 0 else { throw self.error("\(what) is missing") }
        return number
    }
}
