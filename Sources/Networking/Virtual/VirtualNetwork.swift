package import CSystem
package import EventLoop

/// What a virtual host's sockets are made of: listeners and streams of bytes without descriptors. One object a host, so
/// that it knows who asks.
///
/// Who calls what where: `listen` and `connect` are called within a turn of any loop of the host, or outside of all
/// turns while a node is put together. Streams and listeners belong to one loop each from their `begin` on, and are
/// called within its turns only. What they are given to call (`completion`, `changed`) may be called from anywhere; it
/// passes the call on to the loop, and nothing of the node runs within it.
package protocol VirtualNetwork: AnyObject, Sendable {
    /// Takes an address, as bind(2) and listen(2) do: from now on peers can connect, and wait to be accepted.
    ///
    /// - Parameters:
    ///   - host: a name, a numeric address, or nothing for every address of the host.
    ///   - port: 0 lets the network choose.
    /// - Throws: `EADDRINUSE` where the port is taken.
    func listen(host: String, port: UInt16) throws(SystemError) -> any VirtualListener

    /// Begins to connect to a listener; names are looked up by the network.
    ///
    /// - Parameter completion: is called once, unless the attempt is cancelled: `unresolved`, `connectionRefused` where
    ///   nothing listens, `failed` where the network says so. An attempt that nobody answers is not ended by the
    ///   network: the caller has a limit of its own.
    func connect(
        host: String, port: UInt16,
        completion: @escaping @Sendable (Result<any VirtualStream, CloseReason>) -> Void
    ) -> any VirtualConnecting
}

/// An attempt to connect that is under way.
package protocol VirtualConnecting: AnyObject, Sendable {
    /// Gives up. A `completion` that is called all the same is ignored, and its stream closed.
    func cancel()
}

/// A virtual socket that listens. `readiness` is `readable` while a peer waits to be accepted.
package protocol VirtualListener: VirtualSource, Sendable {
    /// The address in use, with the port that was chosen.
    var address: SocketAddress { get }

    /// `changed` is to be called whenever `readiness` may have grown.
    func begin(_ changed: @escaping @Sendable () -> Void)

    /// The next peer that waits; nil where there is none.
    func accept() -> (any VirtualStream)?

    /// Frees the port; peers that wait are refused or reset. Also called where `begin` never was.
    func close()
}

/// One end of a virtual connection.
///
/// `readiness` is as epoll reports it: `readable` where there are bytes or the peer has closed its side, `writable`
/// where `send` would take something, `peerClosed` where the peer sends no more, `broken` where the connection was reset.
package protocol VirtualStream: VirtualSource, Sendable {
    var local: SocketAddress { get }
    var peer: SocketAddress { get }

    /// `changed` is to be called whenever `readiness` may have grown.
    func begin(_ changed: @escaping @Sendable () -> Void)

    /// As recv(2): bytes put into `room`, 0 at the end of what the peer sends, or a negative error number: `-EAGAIN`
    /// where there is nothing for now, `-ECONNRESET`.
    func receive(into room: UnsafeMutableRawBufferPointer) -> Int

    /// As sendmsg(2): takes some bytes from the front of the pieces and copies them; how many, or a negative error
    /// number: `-EAGAIN` where there is no room, `-EPIPE`, `-ECONNRESET`.
    func send(_ pieces: UnsafePointer<iovec>, count: Int) -> Int

    /// Bytes that can be received now.
    var readableBytes: Int { get }

    /// The error that broke the connection, a positive number; 0 for none.
    var failure: Int32 { get }

    /// Closes both directions, as close(2): what was sent still arrives, where the network lets it. `changed` must not
    /// be called after this; the network lets go of it. Also called where `begin` never was.
    func close()
}
