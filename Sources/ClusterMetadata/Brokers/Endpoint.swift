/// Where a node listens under one listener name.
package struct Endpoint: Hashable, Sendable {
    /// The listener name, such as `PLAINTEXT`.
    package var name: String
    package var host: String
    package var port: UInt16
    /// Kafka's number of the security protocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    package var securityProtocol: Int16

    package init(name: String, host: String, port: UInt16, securityProtocol: Int16) {
        self.name = name
        self.host = host
        self.port = port
        self.securityProtocol = securityProtocol
    }
}
