package import ApusCore
package import KafkaPrimitives

/// Receives the requests of a listener's connections. Every call comes on the connection's loop.
package protocol FrameHandler: AnyObject, Sendable {
    /// The connection is secured and its peer authenticated: requests may follow.
    func connectionOpened(_ connection: Connection)

    /// One request, without its length. It must be answered, or skipped, exactly once, now or later.
    ///
    /// The frame is a slice of a large receive buffer: what is kept for longer than the request takes keeps that buffer.
    func receive(_ frame: ByteSlice, slot: ResponseSlot, on connection: Connection)

    /// Every byte of the answer was handed to the kernel, at `instant`.
    func responseSent(_ slot: ResponseSlot, at instant: Instant, on connection: Connection)

    /// The end of a connection that was opened; nothing follows.
    func connectionClosed(_ connection: Connection, reason: CloseReason)
}

extension FrameHandler {
    package func responseSent(_ slot: ResponseSlot, at instant: Instant, on connection: Connection) {}
}
