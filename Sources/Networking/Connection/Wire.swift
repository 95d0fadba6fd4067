import CSystem
import EventLoop
import Glibc
import KafkaPrimitives

/// What a connection's bytes go through: a socket of the system, or a stream in virtual time. Everything above is the
/// same for both.
enum Wire: Sendable {
    case descriptor(Int32)
    case virtual(any VirtualStream)

    /// Begins to watch it.
    func register(
        on loop: EventLoop, for interest: Interest, handler: any ReadinessHandler
    ) throws(SystemError) -> Registration {
        switch self {
        case .descriptor(let descriptor):
            return try loop.register(descriptor, for: interest, handler: handler)
        case .virtual(let stream):
            let registration = loop.register(stream, for: interest, handler: handler)
            stream.begin { loop.signal(registration) }
            return registration
        }
    }

    /// The TLS state of a connection through it; nil where it is not to be secured.
    func session(_ source: TLSContextSource?, host: String?) throws(TLSError) -> TLSSession? {
        guard let source else { return nil }
        guard case .descriptor(let descriptor) = self else {
            throw TLSError(reason: "connections in virtual time are not secured")
        }
        return try source.makeSession(descriptor, host: host)
    }

    /// Sets the options of a connection that was accepted, which are wishes: it works without them. Returns this end's
    /// address.
    func prepareAccepted(sendBufferBytes: Int32?) -> SocketAddress {
        switch self {
        case .descriptor(let descriptor):
            _ = apus_no_delay(descriptor)
            _ = apus_keep_alive(descriptor)
            if let bytes = sendBufferBytes { _ = apus_send_buffer(descriptor, bytes) }
            var raw = sockaddr_storage()
            var length = socklen_t()
            _ = apus_local_address(descriptor, &raw, &length)
            return SocketAddress(raw)
        case .virtual(let stream):
            return stream.local
        }
    }

    /// Bytes put into `room`, 0 at the end, or a negative error number.
    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        switch self {
        case .descriptor(let descriptor):
            guard let base = room.baseAddress else { return -Int(EAGAIN) }
            return apus_receive(descriptor, base, room.count)
        case .virtual(let stream):
            return stream.receive(into: room)
        }
    }

    /// Reports that there is something to read from `bytes` on. A wish: more reports do no harm.
    func setLowWater(_ bytes: Int) {
        guard case .descriptor(let descriptor) = self else { return }
        _ = apus_receive_low_water(descriptor, Int32(bytes))
    }

    /// Bytes taken from the pieces, or a negative error number. `more` says that more follows at once.
    func send(_ pieces: UnsafeMutablePointer<iovec>, _ count: Int, more: Bool) -> Int {
        switch self {
        case .descriptor(let descriptor): apus_send_pieces(descriptor, pieces, count, more ? 1 : 0)
        case .virtual(let stream): stream.send(pieces, count: count)
        }
    }

    /// The error that broke it, a positive number; 0 for none.
    var failure: Int32 {
        switch self {
        case .descriptor(let descriptor): -apus_socket_error(descriptor)
        case .virtual(let stream): stream.failure
        }
    }

    /// Whether there are bytes to receive now.
    var hasReadableBytes: Bool {
        switch self {
        case .descriptor(let descriptor): apus_bytes_readable(descriptor) > 0
        case .virtual(let stream): stream.readableBytes > 0
        }
    }

    func close() {
        switch self {
        case .descriptor(let descriptor): _ = apus_close(descriptor)
        case .virtual(let stream): stream.close()
        }
    }
}
