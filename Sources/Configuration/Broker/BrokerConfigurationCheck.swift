import ApusCore

/// Checks what no single config can tell.
struct BrokerConfigurationCheck {
    var layers: ConfigLayers
    var settings: ConfigSettings

    func roles() throws(ConfigurationError) -> NodeRoles {
        let names = self.settings.list("process.roles")
        guard !names.isEmpty else {
            throw ConfigurationError(
                .missingKey, "process.roles is missing: it says whether this node is a broker, a controller or both")
        }
        var roles: NodeRoles = []
        if names.contains("broker") { roles.insert(.broker) }
        if names.contains("controller") { roles.insert(.controller) }
        return roles
    }

    func nodeID() throws(ConfigurationError) -> NodeID {
        guard let id = self.settings.optionalInteger("node.id") else {
            throw ConfigurationError(.missingKey, "node.id is missing: every node of a cluster needs its own")
        }
        guard let brokerID = self.settings.optionalInteger("broker.id"), brokerID != id else {
            return NodeID(Int32(clamping: id))
        }
        throw self.conflict("node.id", "broker.id is its older name, and says \(brokerID)")
    }

    func httpListener() throws(ConfigurationError) -> HTTPListenerAddress? {
        guard let text = self.settings.string("apus.http.listener"), !text.isEmpty else { return nil }
        guard let address = HTTPListenerAddress(text) else {
            throw self.conflict("apus.http.listener", "expected host:port or :port")
        }
        return address
    }

    func quorum(_ quorum: QuorumConfiguration, nodeID: NodeID, roles: NodeRoles) throws(ConfigurationError) {
        if quorum.voters.isEmpty, quorum.bootstrapServers.isEmpty {
            throw ConfigurationError(
                .missingKey,
                "controller.quorum.voters or controller.quorum.bootstrap.servers must say where the controllers are")
        }
        if quorum.voters.isEmpty { return }
        let key = "controller.quorum.voters"
        let ids = quorum.voters.map(\.id)
        if Set(ids).count != ids.count { throw self.conflict(key, "every voter needs an id of its own") }
        let isVoter = ids.contains(nodeID)
        if roles.contains(.controller), !isVoter {
            throw self.conflict(key, "this node is a controller, and its node.id \(nodeID) is not among them")
        }
        if !roles.contains(.controller), isVoter {
            throw self.conflict(key, "this node is only a broker, and its node.id \(nodeID) is among them")
        }
        if self.settings.boolean("controller.quorum.auto.join.enable") {
            throw self.conflict("controller.quorum.auto.join.enable", "\(key) fixes the voters, so none can join")
        }
    }

    /// What Kafka requires of pairs of values.
    func relations() throws(ConfigurationError) {
        let pairs = [
            ("replica.fetch.wait.max.ms", "replica.socket.timeout.ms"),
            ("replica.fetch.wait.max.ms", "replica.lag.time.max.ms"),
            ("group.consumer.heartbeat.interval.ms", "group.consumer.session.timeout.ms"),
            ("group.share.heartbeat.interval.ms", "group.share.session.timeout.ms"),
            ("group.streams.heartbeat.interval.ms", "group.streams.session.timeout.ms"),
            ("group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"),
            ("group.min.session.timeout.ms", "group.max.session.timeout.ms"),
        ]
        for (low, high) in pairs where self.settings.integer(low) > self.settings.integer(high) {
            throw self.conflict(low, "it must not be more than \(high), which is \(self.settings.integer(high))")
        }
        for name in ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] {
            guard let value = self.settings.optionalInteger(name) else { continue }
            if value == 0 { throw self.conflict(name, "it must be positive, or -1 to keep records for ever") }
        }
        if self.settings.integer("log.cleaner.min.compaction.lag.ms")
            > self.settings.integer("log.cleaner.max.compaction.lag.ms")
        {
            throw self.conflict(
                "log.cleaner.min.compaction.lag.ms", "it must not be more than log.cleaner.max.compaction.lag.ms")
        }
        for name in ["socket.send.buffer.bytes", "socket.receive.buffer.bytes"] {
            let size = self.settings.integer(name)
            if size == 0 || size < -1 { throw self.conflict(name, "it must be positive, or -1 for the system's own") }
        }
    }

    /// What would be unsafe to ignore, because an operator relies on it.
    func unsupported() throws(ConfigurationError) {
        if self.settings.boolean("remote.log.storage.system.enable") {
            throw self.unsupported("remote.log.storage.system.enable", "tiered storage is not there; leave it false")
        }
        for key in ConfigTable.broker.keys where key.type == .javaClass {
            guard let text = self.layers.text(key.name), !text.isEmpty else { continue }
            if .string(text) != key.defaultValue {
                throw self.unsupported(key.name, "Java classes cannot be loaded; leave it out")
            }
        }
        let known: [String: Set<String>] = [
            "authorizer.class.name": ["", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"],
            "replica.selector.class": [
                "", ReplicationConfiguration.rackAwareSelector,
                "org.apache.kafka.common.replica.LeaderSelector",
            ],
        ]
        for name in known.keys.sorted() {
            guard let text = self.layers.text(name), let classes = known[name], !classes.contains(text) else {
                continue
            }
            let names = classes.filter { !$0.isEmpty }.sorted().joined(separator: ", ")
            throw self.unsupported(name, "Java classes cannot be loaded; what is built in: \(names)")
        }
    }

    func warnings() -> [String] {
        var warnings: [String] = []
        for property in self.layers.properties.effective where !Self.isKnown(property.key) {
            let near = NearestName.of(property.key, among: ConfigTable.broker.keys.map(\.name))
            let hint = near.map { "; did you mean \($0)?" } ?? ""
            warnings.append("\(property.origin): \(property.key) is not a known key, and is ignored\(hint)")
        }
        let heartbeat = self.settings.integer("broker.heartbeat.interval.ms")
        let session = self.settings.integer("broker.session.timeout.ms")
        if heartbeat * 2 > session {
            warnings.append(
                "\(self.layers.origin("broker.heartbeat.interval.ms")): broker.heartbeat.interval.ms=\(heartbeat): "
                    + "it should be at most half of broker.session.timeout.ms, which is \(session)")
        }
        return warnings
    }

    private static func isKnown(_ key: String) -> Bool {
        if ConfigTable.broker[key] != nil { return true }
        guard let suffix = ListenerConfig.suffix(of: key) else { return false }
        return ConfigTable.broker[suffix] != nil
    }

    private func conflict(_ key: String, _ reason: String) -> ConfigurationError {
        let value = self.settings[key].text ?? ""
        return ConfigurationError(.conflict, "\(self.layers.origin(key)): \(key)=\(value): \(reason)")
    }

    private func unsupported(_ key: String, _ reason: String) -> ConfigurationError {
        let value = self.settings[key].text ?? ""
        return ConfigurationError(.unsupported, "\(self.layers.origin(key)): \(key)=\(value): \(reason)")
    }
}
