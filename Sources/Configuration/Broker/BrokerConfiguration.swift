package import ApusCore

/// The configuration of a node, checked and typed.
///
/// What has no property of its own is read through `settings`, by Kafka's name.
package struct BrokerConfiguration: Hashable, Sendable {
    package let nodeID: NodeID
    package let roles: NodeRoles
    /// `broker.rack`: the zone of this node.
    package let rack: String?
    package let listeners: ListenerPlan
    package let quorum: QuorumConfiguration
    package let metadataLog: MetadataLogConfiguration
    package let liveness: LivenessConfiguration
    package let replication: ReplicationConfiguration
    package let network: NetworkConfiguration
    package let log: BrokerLogConfiguration
    package let topicCreation: TopicCreationConfiguration
    /// What a topic without overrides gets.
    package let topicDefaults: TopicConfiguration
    package let offsetsTopic: InternalTopicConfiguration
    package let transactionTopic: InternalTopicConfiguration
    package let shareStateTopic: InternalTopicConfiguration
    /// `apus.http.listener`: where metrics and health are served; an empty host means every interface.
    package let httpListener: HTTPListenerAddress?
    /// The value of every declared config.
    package let settings: ConfigSettings
    /// What the values were worked out from.
    package let layers: ConfigLayers
    /// One line each for what was ignored or is doubtful.
    package let warnings: [String]

    /// The configuration that `layers` amount to.
    ///
    /// - Throws: `ConfigurationError` with one line for each thing that is wrong: origin, key, value, what is right.
    package init(_ given: ConfigLayers) throws(ConfigurationError) {
        let layers = Self.withNodeID(given)
        let settings = try ConfigSettings.load(layers, table: .broker)
        let check = BrokerConfigurationCheck(layers: layers, settings: settings)
        let roles = try check.roles()
        let directories = settings.list(settings["log.dirs"] == .null ? "log.dir" : "log.dirs")
        self.layers = layers
        self.settings = settings
        self.roles = roles
        self.nodeID = try check.nodeID()
        self.rack = settings.string("broker.rack")
        self.listeners = try ListenerPlan(ListenerSource(layers: layers, settings: settings), roles: roles)
        self.quorum = QuorumConfiguration(settings)
        self.metadataLog = MetadataLogConfiguration(
            settings, directory: settings.string("metadata.log.dir") ?? directories[0])
        self.liveness = LivenessConfiguration(settings)
        self.replication = ReplicationConfiguration(settings)
        self.network = NetworkConfiguration(settings)
        self.log = BrokerLogConfiguration(settings, directories: directories)
        self.topicCreation = TopicCreationConfiguration(settings)
        self.topicDefaults = TopicConfiguration(layers: layers, overrides: [:])
        self.offsetsTopic = .offsets(settings)
        self.transactionTopic = .transactions(settings)
        self.shareStateTopic = .shareState(settings)
        self.httpListener = try check.httpListener()
        try check.quorum(self.quorum, nodeID: self.nodeID, roles: roles)
        try check.relations()
        try check.unsupported()
        self.warnings = check.warnings()
    }

    /// The configuration in `properties`, with nothing dynamic.
    package init(properties: Properties) throws(ConfigurationError) {
        try self.init(ConfigLayers(properties: properties))
    }

    /// The directories that this node writes to, the metadata log's among them, without repetition.
    package var allDirectories: [String] {
        self.log.directories.contains(self.metadataLog.directory)
            ? self.log.directories : [self.metadataLog.directory] + self.log.directories
    }

    /// The text of `name` for `listener`: the listener's own, else the one for all.
    ///
    /// With a `mechanism`, `listener.name.<name>.<mechanism>.<config>` comes first, as for `sasl.jaas.config`.
    package func value(_ name: String, listener: Listener, mechanism: String? = nil) -> String? {
        precondition(ConfigTable.broker[name] != nil, "no config is called \(name)")
        let prefix = listener.configPrefix
        if let mechanism, let text = self.layers.text("\(prefix)\(mechanism.lowercased()).\(name)") { return text }
        return self.layers.text(prefix + name) ?? self.settings[name].text
    }

    /// `broker.id` is the older name of `node.id`, and stands in for it.
    private static func withNodeID(_ given: ConfigLayers) -> ConfigLayers {
        var layers = given
        let nodeID = given.properties["node.id"]
        let brokerID = given.properties["broker.id"]
        switch (nodeID, brokerID) {
        case (nil, let old?): layers.properties.set(Property(key: "node.id", value: old.value, origin: old.origin))
        case (let new?, nil): layers.properties.set(Property(key: "broker.id", value: new.value, origin: new.origin))
        case (nil, nil), (_?, _?): break
        }
        return layers
    }
}
