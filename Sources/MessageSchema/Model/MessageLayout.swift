/// The structures of a message laid flat, each with the versions in which it can occur.
package struct MessageLayout: Sendable {
    /// The message itself (under its own name), or one of the structures within it.
    package struct Structure: Sendable {
        package var name: String
        package var fields: [FieldDefinition]
        /// The versions in which the structure can occur.
        package var versions: VersionRange
        /// True where an encoder compares the structure with its default to know whether a tagged field is needed.
        package var isCompared: Bool
    }

    package var message: MessageDefinition
    /// The message first, then its structures in order of appearance.
    package private(set) var structures: [Structure]

    private var indexByName: [String: Int]

    /// Throws where a structure is declared twice, or used and not declared.
    package init(_ message: MessageDefinition) throws(SchemaError) {
        self.message = message
        self.structures = [
            Structure(
                name: message.name, fields: message.fields, versions: message.versions,
                isCompared: message.isEquatable)
        ]
        self.indexByName = [message.name: 0]
        try self.declare(message.fields)
        for structure in message.sharedStructures {
            try self.declare(structure.name, structure.fields)
        }
        var seen: [String: VersionRange] = [:]
        try self.visit(message.fields, within: message.versions, seen: &seen)
        for index in self.structures.indices.dropFirst() {
            guard let versions = seen[self.structures[index].name] else {
                throw SchemaError("\(message.name): structure \(self.structures[index].name) is never used")
            }
            self.structures[index].versions = versions
        }
        self.markCompared(message.fields, all: message.isEquatable)
        for structure in self.structures.dropFirst() {
            self.markCompared(structure.fields, all: structure.isCompared)
        }
    }

    package subscript(name: String) -> Structure? {
        self.indexByName[name].map { self.structures[$0] }
    }

    private mutating func declare(_ fields: [FieldDefinition]) throws(SchemaError) {
        for field in fields where !field.fields.isEmpty {
            guard let name = field.type.structureName else {
                throw SchemaError("\(self.message.name).\(field.name) has fields but is no structure")
            }
            try self.declare(name, field.fields)
        }
    }

    private mutating func declare(_ name: String, _ fields: [FieldDefinition]) throws(SchemaError) {
        guard self.indexByName.updateValue(self.structures.count, forKey: name) == nil else {
            throw SchemaError("\(self.message.name): structure \(name) is declared twice")
        }
        self.structures.append(
            Structure(name: name, fields: fields, versions: self.message.versions, isCompared: false))
        try self.declare(fields)
    }

    private func visit(
        _ fields: [FieldDefinition], within versions: VersionRange, seen: inout [String: VersionRange]
    ) throws(SchemaError) {
        for field in fields {
            guard let name = field.type.structureName else { continue }
            guard let structure = self[name] else {
                throw SchemaError("\(self.message.name).\(field.name): no structure \(name)")
            }
            guard let reached = field.versions.intersection(versions) else { continue }
            let before = seen[name]
            let now = before?.hull(reached) ?? reached
            if now == before { continue }
            seen[name] = now
            try self.visit(structure.fields, within: now, seen: &seen)
        }
    }

    /// A tagged field is left out where it has its default, so a structure in one must be comparable.
    private mutating func markCompared(_ fields: [FieldDefinition], all: Bool) {
        for field in fields {
            guard let name = field.type.structureName, let index = self.indexByName[name] else { continue }
            let comparedAsTag = field.tag != nil && !field.type.isArray
            guard all || comparedAsTag, !self.structures[index].isCompared else { continue }
            self.structures[index].isCompared = true
            self.markCompared(self.structures[index].fields, all: true)
        }
    }
}
