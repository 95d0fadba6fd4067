/// The listeners of a node, worked out from six configs that depend on each other.
package struct ListenerPlan: Hashable, Sendable {
    /// Where this node listens, in the order of the configuration.
    package var listeners: [Listener]
    /// What brokers publish to clients and to each other; empty on a node that is only a controller.
    package var advertised: [Listener]
    /// What a controller publishes; empty on a node that is only a broker.
    package var advertisedController: [Listener]
    /// In the order of the configuration: brokers connect to the first.
    package var controllerNames: [String]
    /// The listener between brokers; nil on a node that is only a controller and does not name one.
    package var interBrokerName: String?
    /// The protocol of every listener name that is known, this node's or not.
    package var securityProtocols: [String: SecurityProtocol]

    /// The protocol that a controller listener speaks, for nodes that connect to it.
    package var controllerSecurityProtocol: SecurityProtocol? {
        self.controllerNames.first.flatMap { self.securityProtocols[$0] }
    }

    /// True where `listener` belongs to the controller.
    package func isController(_ listener: Listener) -> Bool {
        self.controllerNames.contains(listener.name)
    }

    init(_ source: ListenerSource, roles: NodeRoles) throws(ConfigurationError) {
        self.controllerNames = source.settings.list("controller.listener.names").map { $0.uppercased() }
        guard !self.controllerNames.isEmpty else {
            throw ConfigurationError(
                .missingKey, "controller.listener.names is missing: it names the listeners of the controllers")
        }
        self.securityProtocols = try source.securityProtocols(controllerNames: self.controllerNames)
        self.listeners = try source.listeners("listeners", protocols: self.securityProtocols)
        self.interBrokerName = nil
        self.advertised = []
        self.advertisedController = []
        try self.checkListeners(source, roles: roles)
        self.interBrokerName = try self.interBrokerName(source, roles: roles)
        try self.advertise(source, roles: roles)
    }

    private func checkListeners(_ source: ListenerSource, roles: NodeRoles) throws(ConfigurationError) {
        let names = self.listeners.map(\.name)
        if Set(names).count != names.count {
            throw source.conflict("listeners", "every listener needs a name of its own")
        }
        var bound: [UInt16: Listener] = [:]
        for listener in self.listeners where listener.port != 0 {
            if let other = bound[listener.port], !Self.canShare(other, listener) {
                throw source.conflict("listeners", "\(other) and \(listener) share a port")
            }
            bound[listener.port] = listener
        }
        let controllers = self.listeners.filter(self.isController)
        if roles.contains(.controller), controllers.isEmpty {
            throw source.conflict(
                "listeners", "a controller needs one of \(self.controllerNames.joined(separator: ", ")) among them")
        }
        if !roles.contains(.controller), let first = controllers.first {
            throw source.conflict("listeners", "\(first.name) belongs to controllers, and this node is only a broker")
        }
        if !roles.contains(.broker), controllers.count != self.listeners.count {
            throw source.conflict(
                "listeners", "this node is only a controller: all of them must be in controller.listener.names")
        }
        if roles.contains(.broker), controllers.count == self.listeners.count {
            throw source.conflict("listeners", "a broker needs one that does not belong to the controller")
        }
    }

    /// Two listeners may share a port where one has an IPv4 address and the other an IPv6 address, or where the
    /// addresses differ.
    private static func canShare(_ one: Listener, _ other: Listener) -> Bool {
        !one.host.isEmpty && !other.host.isEmpty && one.host != other.host
    }

    private func interBrokerName(_ source: ListenerSource, roles: NodeRoles) throws(ConfigurationError) -> String? {
        let key = "inter.broker.listener.name"
        if let name = source.settings.string(key)?.uppercased() {
            if source.layers.text("security.inter.broker.protocol") != nil {
                throw source.conflict(key, "security.inter.broker.protocol must not be set at the same time")
            }
            if self.securityProtocols[name] == nil {
                throw source.conflict(key, "listener.security.protocol.map does not have it")
            }
            if self.controllerNames.contains(name) {
                throw source.conflict(key, "it must not be one of controller.listener.names")
            }
            return name
        }
        guard roles.contains(.broker) else { return nil }
        return source.settings.string("security.inter.broker.protocol")
    }

    private mutating func advertise(_ source: ListenerSource, roles: NodeRoles) throws(ConfigurationError) {
        let key = "advertised.listeners"
        let isSet = source.layers.text(key) != nil
        let given = isSet ? try source.listeners(key, protocols: self.securityProtocols) : []
        if isSet {
            let names = given.map(\.name)
            if Set(names).count != names.count { throw source.conflict(key, "every listener needs a name of its own") }
            if let any = given.first(where: { $0.host == "0.0.0.0" || $0.host == "::" }) {
                throw source.conflict(key, "clients cannot connect to \(any); give an address that they can reach")
            }
        }
        if roles.contains(.broker) {
            let all = isSet ? given : self.listeners
            self.advertised = all.filter { !self.isController($0) }
            if isSet, let missing = self.advertised.first(where: { !self.isListening(on: $0.name) }) {
                throw source.conflict(key, "\(missing.name) is not among listeners")
            }
            if !self.advertised.contains(where: { $0.name == self.interBrokerName }) {
                throw source.conflict(
                    isSet ? key : "listeners",
                    "brokers talk to each other over \(self.interBrokerName ?? ""), which must be among them; "
                        + "inter.broker.listener.name chooses another")
            }
        }
        if roles.contains(.controller) {
            self.advertisedController = self.listeners.filter(self.isController).map { listener in
                given.first { $0.name == listener.name } ?? listener
            }
        }
    }

    private func isListening(on name: String) -> Bool {
        self.listeners.contains { $0.name == name }
    }
}
