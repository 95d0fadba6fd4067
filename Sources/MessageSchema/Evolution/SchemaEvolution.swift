/// Finds what a change of schemas would break for readers and writers that know only the baseline.
///
/// Within the versions that the baseline has, a message stays as it is: its fields, their order, types, versions, nulls,
/// defaults and tags. New fields come with a new version, or with a tag; versions are added, and none is taken away. The
/// baseline's unstable version may still change.
///
/// Source: the rules of Kafka's evolution checks; KIP-482 for tagged fields.
package struct SchemaEvolution {
    /// What is wrong, one line for each, in the order of the baseline.
    package private(set) var problems: [String] = []

    package init(from baseline: [MessageDefinition], to current: [MessageDefinition]) {
        for old in baseline {
            guard let new = current.first(where: { $0.kind == old.kind && $0.name == old.name }) else {
                self.problems.append("\(old.name): the message is gone")
                continue
            }
            self.compare(old, new)
        }
    }

    private mutating func compare(_ old: MessageDefinition, _ new: MessageDefinition) {
        if old.key != new.key {
            self.problems.append("\(old.name): key \(Self.text(old.key)) became \(Self.text(new.key))")
        }
        guard let stable = Self.stableVersions(old) else { return }
        guard new.versions.contains(stable) else {
            self.problems.append("\(old.name): versions \(stable) became \(new.versions)")
            return
        }
        for version in stable.lowest...stable.highest where old.isFlexible(version) != new.isFlexible(version) {
            self.problems.append("\(old.name): version \(version) changes between fixed and flexible")
            return
        }
        self.compare(old.fields, new.fields, in: stable, at: old.name)
        for structure in old.sharedStructures {
            guard let other = new.sharedStructures.first(where: { $0.name == structure.name }) else {
                self.problems.append("\(old.name): the structure \(structure.name) is gone")
                continue
            }
            guard let versions = structure.versions.intersection(stable) else { continue }
            self.compare(structure.fields, other.fields, in: versions, at: "\(old.name).\(structure.name)")
        }
    }

    /// The versions that were promised; nil where there are none.
    private static func stableVersions(_ message: MessageDefinition) -> VersionRange? {
        guard let unstable = message.unstableVersion else { return message.versions }
        return unstable > message.versions.lowest ? VersionRange(message.versions.lowest, unstable - 1) : nil
    }

    private mutating func compare(
        _ old: [FieldDefinition], _ new: [FieldDefinition], in versions: VersionRange, at place: String
    ) {
        for field in old {
            guard let kept = field.versions.intersection(versions) else { continue }
            guard let other = new.first(where: { $0.name == field.name }) else {
                self.problems.append("\(place).\(field.name): the field is gone")
                continue
            }
            self.compare(field, other, in: kept, of: versions, at: "\(place).\(field.name)")
        }
        for field in new {
            let isOld = old.contains { $0.name == field.name && $0.versions.intersection(versions) != nil }
            guard !isOld, field.tag == nil, let early = field.versions.intersection(versions) else { continue }
            self.problems.append(
                "\(place).\(field.name): a new field without a tag in version \(early), which is in use")
        }
        let before = Self.order(old, in: versions)
        let after = Self.order(new, in: versions).filter { before.contains($0) }
        if before.filter({ after.contains($0) }) != after {
            self.problems.append("\(place): the order of the fields became \(after.joined(separator: ", "))")
        }
        let tags = new.compactMap(\.tag)
        for tag in Set(tags).sorted() where tags.filter({ $0 == tag }).count > 1 {
            self.problems.append("\(place): tag \(tag) is used twice")
        }
    }

    /// - Parameter kept: the versions of the baseline that have the field, out of `versions`.
    private mutating func compare(
        _ old: FieldDefinition, _ new: FieldDefinition, in kept: VersionRange, of versions: VersionRange,
        at place: String
    ) {
        func note(_ what: String, _ before: some Equatable, _ after: some Equatable) {
            self.problems.append("\(place): \(what) \(before) became \(after)")
        }
        if old.type != new.type { note("type", old.type, new.type) }
        if old.tag != new.tag { note("tag", Self.text(old.tag), Self.text(new.tag)) }
        let now = new.versions.intersection(versions)
        if old.tag == nil ? now != kept : now?.contains(kept) != true {
            note("versions", kept, Self.text(now))
        }
        let nullable = old.nullable?.intersection(kept)
        let nowNullable = new.nullable?.intersection(kept)
        if nullable != nowNullable { note("null in versions", Self.text(nullable), Self.text(nowNullable)) }
        if old.defaultText != new.defaultText {
            note("default", Self.text(old.defaultText), Self.text(new.defaultText))
        }
        if old.isInflexible != new.isInflexible { note("inflexible", old.isInflexible, new.isInflexible) }
        self.compare(old.fields, new.fields, in: kept, at: place)
    }

    /// The names of the fields that stand on the wire one behind the other.
    private static func order(_ fields: [FieldDefinition], in versions: VersionRange) -> [String] {
        fields.filter { $0.tag == nil && $0.versions.intersection(versions) != nil }.map(\.name)
    }

    private static func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "none" }
}
