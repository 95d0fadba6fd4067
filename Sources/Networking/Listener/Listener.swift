import ApusCore
import CSystem
import EventLoop
import Glibc
import Synchronization

/// A listener that could not be made.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address as it was configured.
    package var address: String
    package var reason: String

    package init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }

    package var description: String { "cannot listen on \(self.address): \(self.reason)" }
}

/// A socket that was accepted, on its way to the loop that will serve it.
struct AcceptedSocket: Sendable {
    /// Unique in its network.
    var id: UInt64
    var wire: Wire
    var peer: SocketAddress
    var local: SocketAddress
    var tls: TLSSession?
}

/// What a listener's connections share.
struct ListenerContext: Sendable {
    var configuration: ListenerConfiguration
    var handler: any FrameHandler
    var authenticator: (any FrameHandler)?
    var observer: (any ListenerObserver)?
}

/// Listens on an address, and spreads the connections it accepts over the loops.
///
/// Transitions: bound (`init`; the port is taken, clients wait) -> accepting (`start`) -> stopped (`stop`).
package final class Listener: Sendable {
    /// The address in use, with the port that the system chose where that was left to it.
    package let address: SocketAddress
    private let context: ListenerContext
    private let network: Network
    private let loop: EventLoop
    /// Bound, and not started yet.
    private let bound: Mutex<ListeningSocket?>
    private let acceptor = Mutex<Acceptor?>(nil)

    /// Binds the address; a host name is looked up here.
    ///
    /// - Parameter authenticator: receives the frames of a connection until it calls `authenticated(as:)`; required
    ///   where the security protocol uses SASL.
    package init(
        _ configuration: ListenerConfiguration, network: Network, handler: any FrameHandler,
        authenticator: (any FrameHandler)? = nil, observer: (any ListenerObserver)? = nil
    ) throws(ListenError) {
        let shown = "\(configuration.host.isEmpty ? "*" : configuration.host):\(configuration.port)"
        if configuration.security.usesTLS, configuration.tls == nil {
            throw ListenError(address: shown, reason: "\(configuration.security.rawValue) needs a certificate")
        }
        if configuration.security.usesSASL, authenticator == nil {
            throw ListenError(address: shown, reason: "\(configuration.security.rawValue) needs a SASL mechanism")
        }
        let (bound, address) = try Self.bind(configuration, on: network, shown: shown)
        self.bound = Mutex(bound)
        self.address = address
        self.context = ListenerContext(
            configuration: configuration, handler: handler, authenticator: authenticator, observer: observer)
        self.network = network
        self.loop = network.loops.next()
    }

    deinit {
        if let bound = self.bound.withLock({ $0 }) { bound.close() }
    }

    package var port: UInt16 { self.address.port }

    /// Begins to accept, once.
    package func start() {
        guard let socket = self.takeBound() else { return }
        let acceptor = Acceptor(socket: socket, loop: self.loop, context: self.context, network: self.network)
        self.acceptor.withLock { $0 = acceptor }
        self.loop.execute { acceptor.begin() }
    }

    /// Accepts no more and frees the port; connections stay. The port is free when `completion` runs, on a loop.
    package func stop(completion: @escaping @Sendable () -> Void = {}) {
        let acceptor = self.acceptor.withLock { (slot: inout Acceptor?) -> Acceptor? in
            defer { slot = nil }
            return slot
        }
        self.takeBound()?.close()
        let isQueued = self.loop.execute {
            acceptor?.end()
            completion()
        }
        if !isQueued { completion() }
    }

    /// The node's loops were stopped: frees the port.
    package func abandon() {
        self.takeBound()?.close()
        self.acceptor.withLock { (slot: inout Acceptor?) -> Acceptor? in
            defer { slot = nil }
            return slot
        }?.end()
    }

    private func takeBound() -> ListeningSocket? {
        self.bound.withLock { (slot: inout ListeningSocket?) -> ListeningSocket? in
            defer { slot = nil }
            return slot
        }
    }

    // MARK: Binding

    private static func bind(
        _ configuration: ListenerConfiguration, on network: Network, shown: String
    ) throws(ListenError) -> (ListeningSocket, SocketAddress) {
        if let virtual = network.virtual {
            do throws(SystemError) {
                let listener = try virtual.listen(host: configuration.host, port: configuration.port)
                return (.virtual(listener), listener.address)
            } catch {
                throw ListenError(address: shown, reason: SystemError.text(of: error.number))
            }
        }
        var lastFailure = "no address"
        for address in try self.candidates(configuration, shown: shown) {
            do {
                let descriptor = try self.listen(on: address, configuration)
                var raw = sockaddr_storage()
                var length = socklen_t()
                _ = apus_local_address(descriptor, &raw, &length)
                return (.descriptor(descriptor), SocketAddress(raw))
            } catch {
                lastFailure = SystemError.text(of: error.number)
                // An address that is taken is not made up for by another one.
                if error.number == EADDRINUSE { break }
            }
        }
        throw ListenError(address: shown, reason: lastFailure)
    }

    private static func candidates(
        _ configuration: ListenerConfiguration, shown: String
    ) throws(ListenError) -> [SocketAddress] {
        let port = configuration.port
        guard !configuration.host.isEmpty else {
            // The IPv6 socket also takes IPv4; a machine without IPv6 gets the plain one.
            return [SocketAddress(host: "::", port: port), SocketAddress(host: "0.0.0.0", port: port)].compactMap(
                \.self)
        }
        do {
            return try AddressResolver.resolve(host: configuration.host, port: port)
        } catch {
            throw ListenError(address: shown, reason: error.reason)
        }
    }

    private static func listen(
        on address: SocketAddress, _ configuration: ListenerConfiguration
    ) throws(SystemError) -> Int32 {
        let family = address.withRaw { _, _, family in family }
        let descriptor = try SystemError.check(apus_socket_stream(family), "socket")
        do throws(SystemError) {
            _ = try SystemError.check(apus_reuse_address(descriptor), "setsockopt")
            if configuration.host.isEmpty, family == AF_INET6 {
                _ = try SystemError.check(apus_ipv6_only(descriptor, 0), "setsockopt")
            }
            // Set before listening, so that the window scale of accepted sockets fits.
            if let bytes = configuration.receiveBufferBytes {
                _ = try SystemError.check(apus_receive_buffer(descriptor, bytes), "setsockopt")
            }
            let bound = address.withRaw { raw, length, _ in apus_bind(descriptor, raw, length) }
            _ = try SystemError.check(bound, "bind")
            _ = try SystemError.check(apus_listen(descriptor, configuration.backlog), "listen")
        } catch {
            _ = apus_close(descriptor)
            throw error
        }
        return descriptor
    }
}
