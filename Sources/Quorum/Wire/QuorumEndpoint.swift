/// Where a voter listens for the quorum.
package struct QuorumEndpoint: Hashable, Sendable {
    /// The listener's name, the first of `controller.listener.names`.
    package var listenerName: String
    package var host: String
    package var port: UInt16

    package init(listenerName: String, host: String, port: UInt16) {
        self.listenerName = listenerName
        self.host = host
        self.port = port
    }
}
