/// The values of a node's configs by where they come from. Earlier layers win.
///
/// Order: dynamic values for this broker, dynamic defaults for all brokers, `server.properties`, declared defaults.
package struct ConfigLayers: Hashable, Sendable {
    /// Dynamic configs of this broker, from the metadata log.
    package var dynamicBroker: [String: String]
    /// Dynamic configs of all brokers, from the metadata log.
    package var dynamicDefault: [String: String]
    /// What was read at start.
    package var properties: Properties

    package init(
        properties: Properties, dynamicDefault: [String: String] = [:], dynamicBroker: [String: String] = [:]
    ) {
        self.properties = properties
        self.dynamicDefault = dynamicDefault
        self.dynamicBroker = dynamicBroker
    }

    /// The text that counts for `name` where any layer has it.
    func text(_ name: String) -> String? {
        self.dynamicBroker[name] ?? self.dynamicDefault[name] ?? self.properties[name]?.value
    }

    /// Where the text that counts for `name` was written.
    func origin(_ name: String) -> String {
        if self.dynamicBroker[name] != nil { return "dynamic broker config" }
        if self.dynamicDefault[name] != nil { return "dynamic default config" }
        return self.properties[name]?.origin.description ?? "default"
    }
}
