/// Properties in the order in which they were given; of two equal keys the last counts.
package struct Properties: Hashable, Sendable {
    /// All that was given, overridden entries included.
    package private(set) var entries: [Property] = []
    private var latest: [String: Int] = [:]

    package init() {}

    /// Properties from `entries`, the later ones over the earlier ones.
    package init(_ entries: [Property]) {
        for entry in entries {
            self.set(entry)
        }
    }

    /// Puts `property` over any earlier one with the same key.
    package mutating func set(_ property: Property) {
        self.latest[property.key] = self.entries.count
        self.entries.append(property)
    }

    /// Puts `key=value` from the command line over what was read so far.
    ///
    /// - Throws: `ConfigurationError` where there is no `=` or no key.
    package mutating func override(_ assignment: String) throws(ConfigurationError) {
        guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
            throw ConfigurationError(
                .malformedOverride, "--override needs key=value, and was given '\(assignment)'")
        }
        let key = assignment[..<equals].filter { $0 != " " && $0 != "\t" }
        let value = String(assignment[assignment.index(after: equals)...])
        self.set(Property(key: key, value: value, origin: .commandLine))
    }

    /// The property that counts for `key`.
    package subscript(key: String) -> Property? {
        self.latest[key].map { self.entries[$0] }
    }

    /// The properties that count, sorted by key.
    package var effective: [Property] {
        self.latest.values.map { self.entries[$0] }.sorted { $0.key < $1.key }
    }

    /// The values that count, by key.
    package var values: [String: String] {
        self.latest.mapValues { self.entries[$0].value }
    }
}
