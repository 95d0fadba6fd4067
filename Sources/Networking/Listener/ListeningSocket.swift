import CSystem
import EventLoop
import Glibc

/// A socket that listens: the system's, or one in virtual time.
enum ListeningSocket: Sendable {
    case descriptor(Int32)
    case virtual(any VirtualListener)

    enum Accepted {
        case accepted(Wire, peer: SocketAddress)
        /// `EAGAIN` where nobody waits.
        case failed(SystemError)
    }

    /// Begins to watch for peers.
    func register(on loop: EventLoop, handler: any ReadinessHandler) throws(SystemError) -> Registration {
        switch self {
        case .descriptor(let descriptor):
            return try loop.register(descriptor, for: .readable, handler: handler)
        case .virtual(let listener):
            let registration = loop.register(listener, for: .readable, handler: handler)
            listener.begin { loop.signal(registration) }
            return registration
        }
    }

    /// The next peer that waits.
    func accept() -> Accepted {
        switch self {
        case .descriptor(let descriptor):
            var raw = sockaddr_storage()
            var length = socklen_t()
            let result = apus_accept(descriptor, &raw, &length)
            guard result >= 0 else { return .failed(SystemError(number: -result, operation: "accept4")) }
            return .accepted(.descriptor(result), peer: SocketAddress(raw))
        case .virtual(let listener):
            guard let stream = listener.accept() else {
                return .failed(SystemError(number: EAGAIN, operation: "accept4"))
            }
            return .accepted(.virtual(stream), peer: stream.peer)
        }
    }

    func close() {
        switch self {
        case .descriptor(let descriptor): _ = apus_close(descriptor)
        case .virtual(let listener): listener.close()
        }
    }
}
