import Synchronization

/// Where listeners and outgoing connections get their TLS set-up from, which may be replaced while they run: sessions
/// that stand keep theirs, new ones get the new one.
package final class TLSContextSource: Sendable {
    /// Which side of TLS this process takes.
    package enum Side: Hashable, Sendable {
        case server
        case client
    }

    private let side: Side
    private let current: Mutex<TLSContext>

    /// Reads the files of `configuration`, which may wait for the disk.
    package init(_ configuration: TLSConfiguration, side: Side) throws(TLSError) {
        self.side = side
        self.current = Mutex(try TLSContext(configuration, isServer: side == .server))
    }

    /// Takes `configuration`, its files read anew, for sessions from now on. Where that fails nothing changes.
    package func reload(_ configuration: TLSConfiguration) throws(TLSError) {
        let context = try TLSContext(configuration, isServer: self.side == .server)
        self.current.withLock { $0 = context }
    }

    /// - Parameter host: what a client means to reach; nil on a server.
    func makeSession(_ descriptor: Int32, host: String?) throws(TLSError) -> TLSSession {
        let context = self.current.withLock { $0 }
        precondition(context.isServer == (host == nil), "a TLS context is for one side")
        return try TLSSession(descriptor: descriptor, context: context, host: host)
    }
}
