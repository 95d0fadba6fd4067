import ApusCore
package import ClusterMetadata

/// What the controller has to know about configuration keys; the tables are elsewhere.
package protocol ConfigurationRules: Sendable {
    /// True where the values of a key are lists, which can be appended to.
    func isList(_ key: String, of kind: ConfigResource.Kind) -> Bool

    /// The default of a key as text; nil where it has none.
    func defaultValue(of key: String, kind: ConfigResource.Kind) -> String?

    /// What is wrong with the whole new configuration of a resource; nil where it is valid.
    ///
    /// - Parameters:
    ///   - configuration: every dynamic value that the resource would have.
    ///   - previous: every dynamic value that it has now.
    func problem(
        in configuration: [String: String], previous: [String: String], of resource: ConfigResource
    ) -> ControllerError?

    /// Every key of a topic with the value it takes, ascending by name: the answer to its creator.
    ///
    /// - Parameters:
    ///   - overrides: what the topic sets itself.
    ///   - clusterDefaults: the dynamic defaults of all brokers.
    ///   - nodeOverrides: the dynamic configuration of this node.
    func effectiveTopicConfiguration(
        overrides: [String: String], clusterDefaults: [String: String], nodeOverrides: [String: String]
    ) -> [EffectiveConfiguration]
}

/// One key of a topic as its creator is told.
package struct EffectiveConfiguration: Equatable, Sendable {
    package var name: String
    /// The value; nil where it is sensitive.
    package var value: String?
    package var isReadOnly: Bool
    /// Kafka's number of the source: 1 topic, 2 broker, 3 default broker, 4 static, 5 default.
    package var source: Int8
    package var isSensitive: Bool

    package init(name: String, value: String?, isReadOnly: Bool = false, source: Int8, isSensitive: Bool = false) {
        self.name = name
        self.value = value
        self.isReadOnly = isReadOnly
        self.source = source
        self.isSensitive = isSensitive
    }
}
