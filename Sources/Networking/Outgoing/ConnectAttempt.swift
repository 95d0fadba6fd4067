import ApusCore
import CSystem
import EventLoop
import Glibc

/// Connects to the first of some addresses that answers. Only on the loop; `completion` is called once, never within
/// `begin`, and not after `cancel`.
final class ConnectAttempt: ConnectingAttempt, ReadinessHandler, @unchecked Sendable {
    // Unchecked: every use is on the loop.
    private let loop: EventLoop
    private var addresses: ArraySlice<SocketAddress>
    private let prepare: (Int32) -> Void
    private var completion: ((Result<Connected, CloseReason>) -> Void)?
    private var current: (descriptor: Int32, registration: Registration, peer: SocketAddress)?
    private var lastFailure = CloseReason.connectTimeout

    /// - Parameter prepare: sets the options of each socket that is tried.
    init(
        loop: EventLoop, addresses: [SocketAddress], prepare: @escaping (Int32) -> Void,
        completion: @escaping (Result<Connected, CloseReason>) -> Void
    ) {
        self.loop = loop
        self.addresses = addresses[...]
        self.prepare = prepare
        self.completion = completion
    }

    func begin() {
        while let address = self.addresses.popFirst() {
            do throws(SystemError) {
                try self.connect(to: address)
                return
            } catch {
                self.lastFailure = Self.reason(error)
            }
        }
        let reason = self.lastFailure
        self.loop.execute { self.finish(.failure(reason)) }
    }

    func cancel() {
        self.completion = nil
        self.dropCurrent()
    }

    func descriptorReady(_ readiness: Readiness) {
        guard let current = self.current else { return }
        let result = apus_socket_error(current.descriptor)
        guard result < 0 else {
            self.loop.deregister(current.registration)
            self.current = nil
            self.finish(.success(Connected(wire: .descriptor(current.descriptor), peer: current.peer)))
            return
        }
        self.lastFailure = Self.reason(SystemError(number: -result, operation: "connect"))
        self.dropCurrent()
        self.begin()
    }

    private func connect(to address: SocketAddress) throws(SystemError) {
        let (result, descriptor) = try address.withRaw {
            (raw, length, family) -> Swift.Result<(Int32, Int32), SystemError> in
            let descriptor = apus_socket_stream(family)
            guard descriptor >= 0 else { return .failure(SystemError(number: -descriptor, operation: "socket")) }
            self.prepare(descriptor)
            return .success((apus_connect(descriptor, raw, length), descriptor))
        }.get()
        do throws(SystemError) {
            if result < 0, result != -EINPROGRESS { throw SystemError(number: -result, operation: "connect") }
            // A connection that stands already is reported as writable as well.
            let registration = try self.loop.register(descriptor, for: .writable, handler: self)
            self.current = (descriptor, registration, address)
        } catch {
            _ = apus_close(descriptor)
            throw error
        }
    }

    private func finish(_ result: Result<Connected, CloseReason>) {
        guard let completion = self.completion else {
            if case .success(let connected) = result { connected.wire.close() }
            return
        }
        self.completion = nil
        completion(result)
    }

    private func dropCurrent() {
        guard let current = self.current else { return }
        self.current = nil
        self.loop.deregister(current.registration)
        _ = apus_close(current.descriptor)
    }

    private static func reason(_ error: SystemError) -> CloseReason {
        switch error.number {
        case ECONNREFUSED: .connectionRefused
        case ETIMEDOUT: .connectTimeout
        default: .failed(error)
        }
    }
}
