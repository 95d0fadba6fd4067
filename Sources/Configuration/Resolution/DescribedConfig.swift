/// One config as `DescribeConfigs` reports it.
package struct DescribedConfig: Hashable, Sendable {
    package var name: String
    /// Nil where the config is not set, and for secrets.
    package var value: String?
    package var source: ConfigSource
    package var type: ConfigType
    package var isReadOnly: Bool
    package var isSensitive: Bool
    /// What could give the value, the one that counts first.
    package var synonyms: [Synonym]
    /// Nil for a key that is not declared.
    package var documentation: String?

    package init(
        name: String, value: String?, source: ConfigSource, type: ConfigType, isReadOnly: Bool, isSensitive: Bool,
        synonyms: [Synonym], documentation: String?
    ) {
        self.name = name
        self.value = value
        self.source = source
        self.type = type
        self.isReadOnly = isReadOnly
        self.isSensitive = isSensitive
        self.synonyms = synonyms
        self.documentation = documentation
    }

    package struct Synonym: Hashable, Sendable {
        package var name: String
        /// Nil for secrets.
        package var value: String?
        package var source: ConfigSource

        package init(name: String, value: String?, source: ConfigSource) {
            self.name = name
            self.value = value
            self.source = source
        }
    }
}
