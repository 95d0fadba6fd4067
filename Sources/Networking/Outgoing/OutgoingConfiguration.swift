package import ApusCore
package import KafkaPrimitives

/// Where an outgoing connection leads, and how.
package struct OutgoingConfiguration: Sendable {
    /// A name or a numeric address.
    package var host: String
    package var port: UInt16
    /// Nil for a plain connection.
    package var tls: TLSContextSource?
    /// What looking the name up, connecting and TLS may take together: `socket.connection.setup.timeout.ms`.
    package var connectMax = Interval.seconds(10)
    /// `connections.max.idle.ms`; nil for no limit.
    package var idleMax: Interval?
    /// An answer larger than this ends the connection.
    package var frameBytesMax = Int(Int32.max)
    /// `send.buffer.bytes`; nil leaves it to the system.
    package var sendBufferBytes: Int32?
    /// `receive.buffer.bytes`; nil leaves it to the system.
    package var receiveBufferBytes: Int32?

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// Receives what happens on an outgoing connection. Every call comes on the connection's loop.
package protocol OutgoingHandler: AnyObject, Sendable {
    /// Connected, and secured where TLS is used.
    func connectionOpened(_ connection: OutgoingConnection)

    /// One frame, without its length, in the order in which the peer sent them. See `FrameHandler.receive`.
    func receive(_ frame: ByteSlice, on connection: OutgoingConnection)

    /// The end, once, whether the connection was ever opened or not; nothing follows.
    func connectionClosed(_ connection: OutgoingConnection, reason: CloseReason)
}
