import ApusCore
import CSystem
import EventLoop
import Glibc
import Networking

/// A machine in virtual time with one loop, whose connections a test holds by their other end.
final class VirtualMachine: VirtualHost, VirtualNetwork, @unchecked Sendable {
    // Unchecked: one test's thread uses it.
    private(set) var now = Instant(nanoseconds: 1)
    var wallClock: Timestamp = 0
    private(set) lazy var loop = EventLoop(name: "virtual", host: self)
    private(set) lazy var network = Network(
        loops: EventLoopGroup([self.loop]), blocking: BlockingPool(host: self), virtual: self)
    private var jobs: [@Sendable () -> Void] = []
    private var due: Instant?

    /// What the machine's attempts to connect end with; nil where nobody answers.
    var answer: Result<FarEnd, CloseReason>?
    private(set) var cancelled = 0
    private(set) var listening: Listening?

    func wake(_ loop: EventLoop) { self.due = self.now }

    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        self.jobs.append(work)
        return true
    }

    func nextSeed() -> UInt64 { 1 }

    /// Lets so much time pass, and everything happen that falls in it.
    func run(for interval: Interval = .zero) {
        let end = self.now + interval
        while true {
            if !self.jobs.isEmpty {
                self.jobs.removeFirst()()
            } else if let due = self.due, due <= end {
                self.now = max(self.now, due)
                self.due = nil
                let next = self.loop.turn()
                self.due = [self.due, next].compactMap(\.self).min()
            } else {
                self.now = end
                return
            }
        }
    }

    final class Attempt: VirtualConnecting, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        let onCancel: () -> Void
        init(onCancel: @escaping () -> Void) { self.onCancel = onCancel }
        func cancel() { self.onCancel() }
    }

    func connect(
        host: String, port: UInt16, completion: @escaping @Sendable (Result<any VirtualStream, CloseReason>) -> Void
    ) -> any VirtualConnecting {
        if let answer = self.answer { completion(answer.map { $0 as any VirtualStream }) }
        return Attempt { self.cancelled += 1 }
    }

    func listen(host: String, port: UInt16) throws(SystemError) -> any VirtualListener {
        guard self.listening == nil else { throw SystemError(number: EADDRINUSE, operation: "bind") }
        let listening = Listening()
        self.listening = listening
        return listening
    }

    final class Listening: VirtualListener, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        let address = numericAddress(9092)
        private(set) var isClosed = false
        private var waiting: [FarEnd] = []
        private var changed: () -> Void = {}

        var readiness: Readiness { self.waiting.isEmpty ? [] : .readable }
        func begin(_ changed: @escaping @Sendable () -> Void) { self.changed = changed }
        func accept() -> (any VirtualStream)? { self.waiting.isEmpty ? nil : self.waiting.removeFirst() }
        func close() { self.isClosed = true }

        /// A peer connects and waits.
        func offer(_ peer: FarEnd) {
            self.waiting.append(peer)
            self.changed()
        }
    }
}

func numericAddress(_ port: UInt16) -> SocketAddress {
    guard let address = SocketAddress(host: "10.0.0.1", port: port) else { preconditionFailure("a numeric address") }
    return address
}

/// A stream whose other end is the test: it says what comes in, how much may go out, and how it ends.
final class FarEnd: VirtualStream, @unchecked Sendable {
    // Unchecked: one test's thread uses it.
    let local = numericAddress(9092)
    let peer = numericAddress(40_000)
    /// What was sent to the far end.
    private(set) var sent: [UInt8] = []
    private(set) var isClosed = false
    private(set) var failure: Int32 = 0
    private var incoming: [UInt8] = []
    private var hasFinished = false
    private var room: Int
    private var changed: () -> Void = {}

    init(room: Int = .max) { self.room = room }

    // MARK: The far end

    /// A frame arrives.
    func deliver(_ payload: [UInt8]) {
        let length = UInt32(payload.count)
        self.incoming += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + payload
        self.changed()
    }

    func finish() {
        self.hasFinished = true
        self.changed()
    }

    func reset() {
        self.failure = ECONNRESET
        self.changed()
    }

    /// So many bytes more may be sent.
    func makeRoom(_ count: Int) {
        self.room += count
        self.changed()
    }

    // MARK: The stream

    var readiness: Readiness {
        if self.failure != 0 { return [.readable, .writable, .broken] }
        var readiness: Readiness = []
        if !self.incoming.isEmpty || self.hasFinished { readiness.insert(.readable) }
        if self.hasFinished { readiness.insert(.peerClosed) }
        if self.room > 0 { readiness.insert(.writable) }
        return readiness
    }

    var readableBytes: Int { self.incoming.count }

    func begin(_ changed: @escaping @Sendable () -> Void) { self.changed = changed }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        if self.failure != 0 { return -Int(self.failure) }
        guard !self.incoming.isEmpty else { return self.hasFinished ? 0 : -Int(EAGAIN) }
        let count = min(room.count, self.incoming.count)
        room.copyBytes(from: self.incoming.prefix(count))
        self.incoming.removeFirst(count)
        return count
    }

    func send(_ pieces: UnsafePointer<iovec>, count: Int) -> Int {
        guard self.room > 0 else { return -Int(EAGAIN) }
        var taken = 0
        for piece in UnsafeBufferPointer(start: pieces, count: count) {
            let part = min(piece.iov_len, self.room)
            self.sent += UnsafeRawBufferPointer(start: piece.iov_base, count: part)
            self.room -= part
            taken += part
        }
        return taken
    }

    func close() {
        self.isClosed = true
        self.changed = {}
    }
}
