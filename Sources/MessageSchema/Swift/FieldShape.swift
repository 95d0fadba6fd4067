/// One field of one structure as the generated code sees it.
struct FieldShape {
    var field: FieldDefinition
    /// The property's name after `self.`.
    var name: String
    var element: SwiftType
    /// The versions of the structure that carry the field.
    var versions: VersionRange
    /// The versions of those in which it may be null.
    var nullable: VersionRange?
    /// The versions in which the structure occurs.
    var structureVersions: VersionRange

    /// Nil where no version of the structure carries the field.
    init?(_ field: FieldDefinition, in structure: MessageLayout.Structure) {
        guard let versions = field.versions.intersection(structure.versions) else { return nil }
        self.field = field
        self.name = SwiftSource.lowered(field.name)
        self.element = SwiftTypeTable.type(of: field, in: structure.name)
        self.versions = versions
        self.nullable = field.nullable?.intersection(versions)
        self.structureVersions = structure.versions
    }

    /// True where the property is an optional. Records have a null of their own.
    var isOptional: Bool { self.nullable != nil && self.field.type != .records }

    var typeName: String {
        let name = self.field.type.isArray ? "[\(self.element.name)]" : self.element.name
        return self.isOptional ? "\(name)?" : name
    }

    /// The value of the property from the start.
    var defaultValue: String {
        if self.field.defaultText == "null" { return self.field.type == .records ? ".null" : "nil" }
        if self.field.type.isArray { return "[]" }
        return self.field.defaultText ?? self.element.zero
    }

    /// What must hold of `version` for the field to be there; nil where it always is.
    var condition: String? { Self.condition(self.versions, within: self.structureVersions) }

    /// What must hold of `version` for null to be allowed, within the versions that carry the field.
    var nullability: Nullability {
        guard let nullable = self.nullable else { return .never }
        guard let condition = Self.condition(nullable, within: self.versions) else { return .always }
        return .when(condition)
    }

    enum Nullability: Equatable {
        case never
        case always
        case when(String)
    }

    static func condition(_ versions: VersionRange, within outer: VersionRange) -> String? {
        let bounded = (low: versions.lowest > outer.lowest, high: versions.highest < outer.highest)
        if versions.lowest == versions.highest, bounded.high { return "version == \(versions.lowest)" }
        return switch bounded {
        case (false, false): nil
        case (true, false): "version >= \(versions.lowest)"
        case (false, true): "version <= \(versions.highest)"
        case (true, true): "version >= \(versions.lowest) && version <= \(versions.highest)"
        }
    }

    /// `shapes` in their order, neighbours with the same condition together.
    static func grouped(_ shapes: [FieldShape]) -> [(condition: String?, shapes: [FieldShape])] {
        var groups: [(condition: String?, shapes: [FieldShape])] = []
        for shape in shapes {
            if let last = groups.last, last.condition == shape.condition {
                groups[groups.count - 1].shapes.append(shape)
            } else {
                groups.append((shape.condition, [shape]))
            }
        }
        return groups
    }

    /// What must hold for a tagged field to be written: that it differs from its default.
    var differsFromDefault: String {
        let property = "self.\(self.name)"
        if self.defaultValue == "nil" { return "\(property) != nil" }
        if self.field.type.isArray {
            return self.isOptional ? "\(property)?.isEmpty != true" : "!\(property).isEmpty"
        }
        switch self.field.type {
        case .bool where !self.isOptional: return self.defaultValue == "true" ? "!\(property)" : property
        case .bytes where !self.isOptional: return "!\(property).isEmpty"
        default: return "\(property) != \(self.defaultValue)"
        }
    }
}
