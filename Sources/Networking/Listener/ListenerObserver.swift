package import EventLoop

/// Is told what the handler is not: for the log and for metrics. Calls come on loops.
package protocol ListenerObserver: AnyObject, Sendable {
    /// A connection was closed unread: there are too many, or TLS has no memory for it.
    func connectionRefused(from peer: SocketAddress, listener: String, reason: CloseReason)

    /// The connection ended before it was opened.
    func handshakeFailed(of connection: Connection, reason: CloseReason)

    /// Accepting failed, as a rule for want of descriptors; it is tried again after a moment.
    func acceptFailed(listener: String, error: SystemError)
}
