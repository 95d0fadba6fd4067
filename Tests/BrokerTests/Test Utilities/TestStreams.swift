import CSystem
import EventLoop
import Glibc
import Networking

/// Connections in memory between the parts of one machine: nothing is lost or late.
final class TestStreams: VirtualNetwork, @unchecked Sendable {
    // Unchecked: one test's thread uses it.
    private var listeners: [UInt16: Listening] = [:]
    private var portCount: UInt16 = 40_000

    final class Listening: VirtualListener, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        let address: SocketAddress
        var waiting: [Stream] = []
        var changed: () -> Void = {}
        var closed: () -> Void = {}

        init(address: SocketAddress) { self.address = address }

        var readiness: Readiness { self.waiting.isEmpty ? [] : .readable }

        func begin(_ changed: @escaping @Sendable () -> Void) { self.changed = changed }

        func accept() -> (any VirtualStream)? { self.waiting.isEmpty ? nil : self.waiting.removeFirst() }

        func close() {
            self.changed = {}
            self.closed()
        }
    }

    final class Stream: VirtualStream, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        let local: SocketAddress
        let peer: SocketAddress
        weak var other: Stream?
        private var received: [UInt8] = []
        private var hasPeerClosed = false
        private var isClosed = false
        private var changed: () -> Void = {}

        init(local: SocketAddress, peer: SocketAddress) {
            self.local = local
            self.peer = peer
        }

        var readiness: Readiness {
            var readiness: Readiness = .writable
            if !self.received.isEmpty || self.hasPeerClosed { readiness.insert(.readable) }
            if self.hasPeerClosed { readiness.insert(.peerClosed) }
            return readiness
        }

        var readableBytes: Int { self.received.count }
        var failure: Int32 { 0 }

        func begin(_ changed: @escaping @Sendable () -> Void) { self.changed = changed }

        func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
            guard !self.received.isEmpty else { return self.hasPeerClosed ? 0 : -Int(EAGAIN) }
            let count = min(room.count, self.received.count)
            room.copyBytes(from: self.received.prefix(count))
            self.received.removeFirst(count)
            return count
        }

        func send(_ pieces: UnsafePointer<iovec>, count: Int) -> Int {
            guard let other = self.other, !other.isClosed else { return -Int(EPIPE) }
            var sent = 0
            for piece in UnsafeBufferPointer(start: pieces, count: count) {
                other.received += UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len)
                sent += piece.iov_len
            }
            other.changed()
            return sent
        }

        func close() {
            self.isClosed = true
            self.changed = {}
            self.other?.hasPeerClosed = true
            self.other?.changed()
        }
    }

    private final class Attempt: VirtualConnecting, Sendable {
        func cancel() {}
    }

    private func address(_ port: UInt16) -> SocketAddress {
        guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
            preconditionFailure("a numeric address")
        }
        return address
    }

    func listen(host: String, port: UInt16) throws(SystemError) -> any VirtualListener {
        guard self.listeners[port] == nil else { throw SystemError(number: EADDRINUSE, operation: "bind") }
        let listening = Listening(address: self.address(port))
        self.listeners[port] = listening
        listening.closed = { [weak self] in self?.listeners[port] = nil }
        return listening
    }

    func connect(
        host: String, port: UInt16, completion: @escaping @Sendable (Result<any VirtualStream, CloseReason>) -> Void
    ) -> any VirtualConnecting {
        guard let listening = self.listeners[port] else {
            completion(.failure(.connectionRefused))
            return Attempt()
        }
        self.portCount += 1
        let near = Stream(local: self.address(self.portCount), peer: listening.address)
        let far = Stream(local: listening.address, peer: near.local)
        near.other = far
        far.other = near
        listening.waiting.append(far)
        listening.changed()
        completion(.success(near))
        return Attempt()
    }
}
