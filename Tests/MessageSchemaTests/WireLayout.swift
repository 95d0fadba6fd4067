import MessageSchema

extension MessageDefinition {
    /// What stands on the wire in `version`, field by field: types, nulls and tags, without names. Tagged fields whose
    /// names are not among `tags` are left out.
    func wireLayout(of version: Int16, tags: Set<String>? = nil) -> [String] {
        self.wireLayout(of: self.fields, version, tags, depth: 0)
    }

    /// The names of all tagged fields.
    var allTags: Set<String> {
        func names(_ fields: [FieldDefinition]) -> [String] {
            fields.flatMap { ($0.tag == nil ? [] : [$0.name]) + names($0.fields) }
        }
        return Set(names(self.fields) + self.sharedStructures.flatMap { names($0.fields) })
    }

    private func wireLayout(
        of fields: [FieldDefinition], _ version: Int16, _ tags: Set<String>?, depth: Int
    ) -> [String] {
        let present = fields.filter { $0.versions.contains(version) }
        let untagged = present.filter { $0.tag == nil }
        let tagged = present.filter { $0.tag != nil && tags?.contains($0.name) != false }.sorted {
            ($0.tag ?? 0) < ($1.tag ?? 0)
        }
        return (untagged + tagged).flatMap { field -> [String] in
            let isNullable = field.nullable?.contains(version) ?? false
            var line = String(repeating: " ", count: depth)
            if let tag = field.tag { line += "tag \(tag) " }
            let isStructured = field.type.structureName != nil
            line += !isStructured ? "\(field.type)" : field.type.isArray ? "array" : "structure"
            if isNullable { line += " nullable" }
            if field.isInflexible { line += " inflexible" }
            guard let name = field.type.structureName else { return [line] }
            let shared = self.sharedStructures.first { $0.name == name }?.fields
            let inner = field.fields.isEmpty ? shared ?? self.declared(name, in: self.fields) : field.fields
            return [line] + self.wireLayout(of: inner, version, tags, depth: depth + 1)
        }
    }

    /// The fields of a structure that another field declares.
    private func declared(_ name: String, in fields: [FieldDefinition]) -> [FieldDefinition] {
        for field in fields {
            if field.type.structureName == name, !field.fields.isEmpty { return field.fields }
            let inner = self.declared(name, in: field.fields)
            if !inner.isEmpty { return inner }
        }
        return []
    }
}
