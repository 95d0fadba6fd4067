package import ApusCore

/// What a listener is to do. Defaults are Kafka's where Kafka has the setting.
package struct ListenerConfiguration: Sendable {
    /// As in `listeners`: `PLAINTEXT`, `CONTROLLER`.
    package var name: String
    /// A name, a numeric address, or nothing for every address of the machine.
    package var host: String
    /// 0 lets the system choose; the listener then reports its choice.
    package var port: UInt16
    package var security = SecurityProtocol.plaintext
    /// The certificate and what is asked of clients; required where `security` uses TLS.
    package var tls: TLSContextSource?
    /// What a peer is called whose certificate has this subject, by RFC 2253; nil refuses the peer.
    package var principalName: @Sendable (_ subject: String) -> String? = { $0 }
    /// `socket.request.max.bytes`.
    package var frameBytesMax = 100 * 1024 * 1024
    /// `connections.max.idle.ms`; nil for no limit.
    package var idleMax: Interval? = .seconds(600)
    /// What TLS and authentication may take together.
    package var handshakeMax = Interval.seconds(30)
    /// `socket.listen.backlog.size`.
    package var backlog: Int32 = 50
    /// `socket.send.buffer.bytes`; nil leaves it to the system, which adapts it.
    package var sendBufferBytes: Int32?
    /// `socket.receive.buffer.bytes`; nil leaves it to the system, which adapts it.
    package var receiveBufferBytes: Int32?
    /// Requests of one connection that may wait for their answers; beyond, nothing is read.
    package var pipelineMax = 64
    /// Bytes of answers that may wait to be sent; beyond, nothing is read.
    package var unsentBytesMax = 4 * 1024 * 1024
    /// `max.connections`, `max.connections.per.ip`; may be shared by listeners.
    package var budget: ConnectionBudget?

    package init(name: String, host: String, port: UInt16) {
        self.name = name
        self.host = host
        self.port = port
    }
}
