import ApusCore
import CSystem
import EventLoop
import Glibc

/// Listens in front of one listener of a node, for as long as that one does: where nobody would answer, connections
/// are refused as they would be without a proxy. Only on the loop.
final class LinkListener: ReadinessHandler {
    /// Sees whether the node's own listener is there.
    private final class Probe: ReadinessHandler {
        let descriptor: Int32
        weak var listener: LinkListener?

        init(descriptor: Int32) {
            self.descriptor = descriptor
        }

        func descriptorReady(_ readiness: Readiness) {
            self.listener?.probed(isThere: apus_socket_error(self.descriptor) >= 0)
        }
    }

    let node: Int
    let address: LinkAddress
    let target: LinkAddress
    private let proxy: LinkProxy
    private let loop: EventLoop
    private var socket: (descriptor: Int32, registration: Registration)?
    private var probe: (handler: Probe, registration: Registration)?
    private var isClosed = false

    private static let probeInterval = Interval.milliseconds(10)
    private static let backlog: Int32 = 512

    init(node: Int, address: LinkAddress, target: LinkAddress, proxy: LinkProxy) {
        self.node = node
        self.address = address
        self.target = target
        self.proxy = proxy
        self.loop = proxy.loop
    }

    var isOpen: Bool { self.socket != nil }

    /// Opens as soon as the node listens.
    func begin() {
        guard !self.isClosed, self.socket == nil, self.probe == nil else { return }
        let descriptor = self.target.makeSocket()
        guard descriptor >= 0 else { return self.beginLater() }
        let result = self.target.connect(descriptor)
        guard result >= 0 || result == -EINPROGRESS else {
            _ = apus_close(descriptor)
            return self.beginLater()
        }
        let probe = Probe(descriptor: descriptor)
        probe.listener = self
        do {
            self.probe = (probe, try self.loop.register(descriptor, for: .writable, handler: probe))
        } catch {
            _ = apus_close(descriptor)
            self.beginLater()
        }
    }

    private func beginLater() {
        _ = self.loop.schedule(after: Self.probeInterval) { [weak self] in self?.begin() }
    }

    private func probed(isThere: Bool) {
        self.endProbe()
        if isThere { self.open() } else { self.beginLater() }
    }

    private func endProbe() {
        guard let probe = self.probe else { return }
        self.probe = nil
        self.loop.deregister(probe.registration)
        _ = apus_close(probe.handler.descriptor)
    }

    private func open() {
        let descriptor = self.address.makeSocket()
        guard descriptor >= 0 else { return self.beginLater() }
        _ = apus_reuse_address(descriptor)
        do throws(SystemError) {
            _ = try SystemError.check(self.address.bind(descriptor), "bind")
            _ = try SystemError.check(apus_listen(descriptor, Self.backlog), "listen")
            self.socket = (descriptor, try self.loop.register(descriptor, for: .readable, handler: self))
        } catch {
            _ = apus_close(descriptor)
            self.beginLater()
        }
    }

    /// The node is known to listen no more; opens again as soon as it does.
    func shut() {
        if let socket = self.socket {
            self.socket = nil
            self.loop.deregister(socket.registration)
            _ = apus_close(socket.descriptor)
        }
        self.begin()
    }

    /// For good.
    func close() {
        self.isClosed = true
        self.endProbe()
        self.shut()
    }

    func descriptorReady(_ readiness: Readiness) {
        guard let socket = self.socket else { return }
        for _ in 0..<64 {
            var raw = sockaddr_storage()
            var length = socklen_t()
            let descriptor = apus_accept(socket.descriptor, &raw, &length)
            guard descriptor >= 0 else { return }
            _ = apus_no_delay(descriptor)
            self.proxy.accepted(descriptor, from: LinkAddress.host(of: raw), at: self)
        }
    }
}
