import COpenSSL
import EventLoop
import KafkaPrimitives

/// The TLS state of one connection, over a pipe that collects what is to be sent. Only on the connection's loop.
///
/// Memory for output is lent by the loop while there is output: an idle session has none.
final class TLSSession: @unchecked Sendable {
    // Unchecked: made on the connection's loop, or handed to it once, and used nowhere else.

    /// Bytes of ciphertext collected for one call.
    static let outputBytes = 64 * 1024
    /// Bytes of plaintext encrypted into an empty pipe at once: three full records, so that they always fit.
    static let plainBytesMax = 3 * 16 * 1024

    enum Progress {
        /// So many bytes of plaintext went through; 0 for a handshake that is done.
        case done(Int)
        /// Nothing goes on before the socket is readable, or writable.
        case blocked
        case failed(CloseReason)
    }

    // Unsafe: made once, and not changed after that.
    private nonisolated(unsafe) static let method: OpaquePointer? = apus_tls_bio_method()
    private let raw: OpaquePointer
    private let pipe: UnsafeMutablePointer<apus_tls_pipe>
    private var buffer: ByteStorage?
    private(set) var isEstablished = false
    /// Found while there were bytes to deliver first.
    private var failure: CloseReason?

    init(descriptor: Int32, context: TLSContext, host: String?) throws(TLSError) {
        self.pipe = .allocate(capacity: 1)
        self.pipe.initialize(to: apus_tls_pipe())
        self.pipe.pointee.descriptor = descriptor
        guard let method = Self.method,
            let raw = apus_tls_session(context.raw, method, self.pipe, host == nil ? 1 : 0)
        else {
            self.pipe.deallocate()
            throw TLSContext.failure("making a TLS session")
        }
        self.raw = raw
        if let host {
            let isAddress: Int32 = SocketAddress(host: host, port: 0) == nil ? 0 : 1
            guard apus_tls_expect_host(raw, host, isAddress, context.checksHost ? 1 : 0) == 1 else {
                throw TLSContext.failure("expecting the host \(host)")
            }
        }
    }

    deinit {
        SSL_free(self.raw)
        self.pipe.deallocate()
    }

    /// The subject of the peer's certificate, by RFC 2253; nil where it showed none.
    var peerName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
            guard let base = text.baseAddress else { return nil }
            let length = apus_tls_peer_name(self.raw, base, Int32(text.count))
            guard length >= 0 else { return nil }
            let bytes = UnsafeRawBufferPointer(start: base, count: Int(length))
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    // MARK: The pipe

    /// Makes sure that there is memory for output. Before every call that may write.
    func lend(from pool: BufferPool) {
        guard self.buffer == nil else { return }
        let storage = pool.lend(Self.outputBytes)
        self.buffer = storage
        self.pipe.pointee.output = storage.base.assumingMemoryBound(to: UInt8.self)
        self.pipe.pointee.capacity = Self.outputBytes
    }

    /// Ciphertext that waits to be sent.
    var pendingOutput: Int { self.pipe.pointee.end - self.pipe.pointee.start }

    /// Sends what was collected, and gives its memory back where all has left.
    func flush(to pool: BufferPool) -> Progress {
        let result = apus_tls_pipe_flush(self.pipe)
        if result == 0 { return .blocked }
        guard result > 0 else { return .failed(self.systemFailure("send")) }
        self.free(to: pool)
        return .done(0)
    }

    /// Gives the memory for output back, and what it holds with it.
    func free(to pool: BufferPool) {
        self.pipe.pointee.output = nil
        self.pipe.pointee.capacity = 0
        self.pipe.pointee.start = 0
        self.pipe.pointee.end = 0
        pool.takeBack(&self.buffer)
    }

    // MARK: Steps

    /// The socket may have something to read again.
    func mayReceive() {
        self.pipe.pointee.is_drained = 0
    }

    func handshake() -> Progress {
        let result = apus_tls_handshake(self.raw)
        guard result < 0 else {
            self.isEstablished = true
            return .done(0)
        }
        return self.judge(-result)
    }

    /// Decrypts into `room` until it is full or nothing is left.
    func read(into room: UnsafeMutableRawBufferPointer) -> Progress {
        if let failure = self.failure { return .failed(failure) }
        guard let base = room.baseAddress else { return .blocked }
        var count = 0
        while count < room.count {
            let result = apus_tls_read(self.raw, base + count, room.count - count)
            if result > 0 {
                count += result
                continue
            }
            let progress = self.judge(Int32(-result))
            guard count > 0 else { return progress }
            if case .failed(let reason) = progress { self.failure = reason }
            break
        }
        return .done(count)
    }

    /// Encrypts `bytes` into the pipe.
    func write(_ bytes: UnsafeRawBufferPointer) -> Progress {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return .done(0) }
        let result = apus_tls_write(self.raw, base, bytes.count)
        return result > 0 ? .done(result) : self.judge(Int32(-result))
    }

    /// Says farewell, into the pipe.
    func shutdown() {
        if self.isEstablished { apus_tls_shutdown(self.raw) }
    }

    private func judge(_ code: Int32) -> Progress {
        switch code {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            return .blocked
        case SSL_ERROR_ZERO_RETURN:
            return .failed(.peerClosed)
        default:
            if self.pipe.pointee.error != 0 { return .failed(self.systemFailure("socket")) }
            // Many clients leave without a farewell. A frame that was cut off is not delivered, so nothing is lost.
            if self.pipe.pointee.at_end != 0 {
                return .failed(
                    self.isEstablished ? .peerClosed : .tlsFailed("the peer closed the connection in the handshake"))
            }
            let reason = TLSContext.reason(of: self.raw)
            return .failed(.tlsFailed(reason.isEmpty ? "error \(code)" : reason))
        }
    }

    private func systemFailure(_ operation: String) -> CloseReason {
        .failed(SystemError(number: self.pipe.pointee.error, operation: operation))
    }
}
