/// A set of declared configs, found by name.
package struct ConfigTable: Sendable {
    /// The keys, sorted by name.
    package let keys: [ConfigKey]
    private let byName: [String: Int]

    init(_ keys: [ConfigKey]) {
        self.keys = keys.sorted { $0.name < $1.name }
        self.byName = Dictionary(
            self.keys.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in preconditionFailure("a config is declared twice: \(first)") })
    }

    /// The key called `name`.
    package subscript(name: String) -> ConfigKey? {
        self.byName[name].map { self.keys[$0] }
    }
}
