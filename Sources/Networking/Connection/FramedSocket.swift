import ApusCore
import EventLoop
import Glibc
import KafkaPrimitives

/// Is told on the loop what happens on a `FramedSocket`.
protocol FramedSocketOwner: AnyObject, Sendable {
    /// TLS is established. Not called on plain sockets.
    func socketSecured()
    func socketReceived(_ frame: ByteSlice)
    /// Every byte of the message was handed to the kernel.
    func socketSent(tag: UInt64)
    /// Nothing is called after this. Never called from within `close`.
    func socketClosed(_ reason: CloseReason)
    /// The node's loops were stopped; nothing is called after this.
    func socketAbandoned()
    /// Whether the peer waits for something, so that silence is no sign of being idle.
    var isBusy: Bool { get }
}

/// A connected socket that carries frames both ways, on one loop.
///
/// It reads while nothing pauses it, in buffers borrowed while bytes are pending; it sends at the end of the loop's
/// iteration, so that all answers of one read cycle leave in one call.
final class FramedSocket: @unchecked Sendable {
    // Unchecked: every use is on the loop, as the owner's entry points make sure.

    /// Why nothing is read for now.
    struct Pauses: OptionSet {
        let rawValue: UInt8
        /// The owner asked for it.
        static let muted = Pauses(rawValue: 1)
        /// Too many requests wait for their answers.
        static let pipeline = Pauses(rawValue: 2)
        /// Too many bytes wait to be sent.
        static let output = Pauses(rawValue: 4)
        /// The connection closes when its output has left.
        static let closing = Pauses(rawValue: 8)
    }

    struct Limits {
        var frameBytesMax: Int
        /// Unsent bytes at which reading stops; it goes on at half of them.
        var unsentBytesMax: Int
        var idleMax: Interval?
    }

    let lane: Lane
    let wire: Wire
    var limits: Limits
    var tls: TLSSession?
    var laneIndex = 0
    private(set) var owner: (any FramedSocketOwner)?
    private(set) var isClosed = false
    private(set) var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0

    private var registration: Registration?
    private var lastActivity: Instant
    /// Set while TLS or authentication has not been completed.
    private var handshakeDeadline: Instant?

    private var receive = ReceiveBuffer()
    private var receiveSize = ReceiveSize()
    private var frameTotal = FrameScan.prefixBytes
    private var lowWater = LowWaterMark.anything
    private(set) var pauses: Pauses = []
    private var isReading = false
    private var mustRead = false
    /// The peer said that it sends no more while reading was paused.
    private var hasPeerFinished = false

    var output = OutputQueue()
    var finishedTags: [UInt64] = []
    /// The kernel took less than it was given.
    var isBlocked = false
    var isWaitingForDisk = false
    /// Bytes of the file at the front that were just read into memory.
    var warmBytes = 0
    private var isEndScheduled = false
    private var closeWhenSent: CloseReason?

    /// Bytes read in one event before other connections get their turn.
    private static let readBytesMax = 4 * 1024 * 1024
    /// Bytes sent in one go before other connections get their turn.
    static let sentBytesMax = 4 * 1024 * 1024
    /// The same through TLS, which takes several times as long.
    static let securedBytesMax = 1024 * 1024

    init(wire: Wire, lane: Lane, limits: Limits, tls: TLSSession?) {
        self.wire = wire
        self.lane = lane
        self.limits = limits
        self.tls = tls
        self.lastActivity = lane.loop.now
    }

    /// Begins to watch the socket. From now on the owner is told what happens, the end included.
    func begin(owner: any FramedSocketOwner, handshakeMax: Interval?) {
        self.owner = owner
        self.handshakeDeadline = handshakeMax.map { self.lane.loop.now + $0 }
        self.lane.add(self)
        do {
            self.registration = try self.wire.register(on: self.lane.loop, for: self.interest, handler: self)
        } catch {
            self.close(.failed(error))
            return
        }
        if self.lane.isClosed { self.close(.shutdown) }
        // A client speaks first.
        if self.tls != nil { self.readSoon() }
    }

    /// TLS and authentication are behind: from now on only silence ends the connection.
    func handshakeEnded() {
        self.handshakeDeadline = nil
    }

    private var interest: Interest {
        Interest(
            readable: self.pauses.isEmpty, writable: self.isBlocked, peerClosed: !self.hasPeerFinished)
    }

    func updateInterest() {
        guard !self.isClosed, let registration = self.registration else { return }
        self.lane.loop.setInterest(self.interest, of: registration)
    }
}

// MARK: Reading

extension FramedSocket: ReadinessHandler {
    func descriptorReady(_ readiness: Readiness) {
        if self.isBlocked, readiness.letsWrite {
            self.isBlocked = false
            self.flush()
            // TLS may have stopped reading because it could not write.
            if self.tls != nil { self.readSoon() }
        }
        guard !self.isClosed else { return }
        if self.pauses.isEmpty {
            if readiness.letsRead {
                self.read(untilEnd: readiness.ends)
            }
        } else if readiness.contains(.broken) {
            let number = self.wire.failure
            self.close(number == 0 ? .peerClosed : .failed(SystemError(number: number, operation: "socket")))
            return
        } else if readiness.contains(.peerClosed) {
            // What the peer sent before it closed is still read, once reading goes on.
            if self.receive.pending == 0, !self.wire.hasReadableBytes {
                self.close(.peerClosed)
                return
            }
            self.hasPeerFinished = true
        }
        self.updateInterest()
    }

    func pause(_ pause: Pauses) {
        guard !self.isClosed, !self.pauses.contains(pause) else { return }
        self.pauses.insert(pause)
        self.updateInterest()
    }

    func resume(_ pause: Pauses) {
        guard !self.isClosed, self.pauses.contains(pause) else { return }
        self.pauses.remove(pause)
        guard self.pauses.isEmpty else { return }
        self.updateInterest()
        // What is buffered already is not reported by the kernel.
        guard !self.isReading else { return }
        self.readSoon()
    }

    /// Reads at the end of the iteration, whatever the kernel reports.
    private func readSoon() {
        guard !self.isClosed else { return }
        self.mustRead = true
        self.scheduleEnd()
    }

    private func read(untilEnd: Bool) {
        precondition(!self.isReading, "reading is not re-entered")
        self.isReading = true
        self.lastActivity = self.lane.loop.now
        self.tls?.mayReceive()
        self.deliver()
        var budget = Self.readBytesMax
        while !self.isClosed, self.pauses.isEmpty {
            guard budget > 0 else {
                // The kernel reports again what it holds; what TLS holds, only we know.
                if self.tls != nil { self.readSoon() }
                break
            }
            let room = self.receive.room(
                total: self.frameTotal, size: self.receiveSize.bytes, pool: self.lane.buffers)
            let count = self.receiveBytes(room)
            guard count > 0 else { break }
            self.receive.received(count)
            self.receiveSize.received(count, offered: room.count)
            self.bytesIn += UInt64(count)
            budget -= count
            self.deliver()
            if count < room.count, self.tls == nil, !untilEnd { break }
        }
        self.isReading = false
        guard !self.isClosed else { return }
        self.receive.releaseIfEmpty(to: self.lane.buffers)
        if self.tls == nil { self.updateLowWater() }
    }

    /// Within a large frame the kernel reports when a good piece of the rest is there, not every packet.
    private func updateLowWater() {
        let wanted =
            self.pauses.isEmpty
            ? LowWaterMark.bytes(missing: self.frameTotal - self.receive.pending) : LowWaterMark.anything
        guard wanted != self.lowWater else { return }
        self.lowWater = wanted
        self.wire.setLowWater(wanted)
    }

    /// Bytes put into `room`; 0 where there are none for now, or where the socket was closed by what was found.
    private func receiveBytes(_ room: UnsafeMutableRawBufferPointer) -> Int {
        if let tls = self.tls { return self.receiveSecured(room, tls) }
        let count = self.wire.receive(into: room)
        if count > 0 { return count }
        if count == 0 {
            self.close(.peerClosed)
        } else if count != -Int(EAGAIN) {
            self.close(.failed(SystemError(number: Int32(-count), operation: "recv")))
        }
        return 0
    }

    /// Hands out the whole frames that are pending, until something pauses that.
    private func deliver() {
        while !self.isClosed, self.pauses.isEmpty {
            switch self.receive.scan(limit: self.limits.frameBytesMax) {
            case .frame(let payload):
                let frame = self.receive.take(payload)
                self.owner?.socketReceived(frame)
            case .incomplete(let total):
                self.frameTotal = total
                return
            case .refused(let error):
                self.close(.badFrame(error))
            }
        }
    }
}

// MARK: The end of an iteration

extension FramedSocket: IterationEndHandler {
    /// Sends `message` at the end of the iteration.
    func send(_ message: OutgoingMessage) {
        guard !self.isClosed else { return }
        self.output.append(message)
        if self.output.unsentBytes >= self.limits.unsentBytesMax { self.pause(.output) }
        if !self.isBlocked, !self.isWaitingForDisk { self.scheduleEnd() }
    }

    func scheduleEnd() {
        guard !self.isEndScheduled else { return }
        self.isEndScheduled = true
        self.lane.loop.callAtIterationEnd(self)
    }

    func iterationEnded() {
        self.isEndScheduled = false
        guard !self.isClosed else { return }
        if self.mustRead {
            self.mustRead = false
            if self.pauses.isEmpty { self.read(untilEnd: true) }
        }
        if self.isBlocked { self.updateInterest() } else { self.flush() }
    }

    /// Sends what the kernel takes now.
    func flush() {
        guard !self.isClosed, !self.isWaitingForDisk else { return }
        let before = self.output.unsentBytes
        if let tls = self.tls { self.flushSecured(tls) } else { self.flushPlain() }
        let sent = before - self.output.unsentBytes
        if sent > 0 {
            self.bytesOut += UInt64(sent)
            self.lastActivity = self.lane.loop.now
            self.reportSent()
        }
        guard !self.isClosed else { return }
        if self.output.unsentBytes <= self.limits.unsentBytesMax / 2 { self.resume(.output) }
        if self.output.isEmpty, !self.isBlocked, let reason = self.closeWhenSent {
            self.close(reason)
            return
        }
        self.updateInterest()
    }

    private func reportSent() {
        guard !self.finishedTags.isEmpty else { return }
        var tags: [UInt64] = []
        swap(&tags, &self.finishedTags)
        for tag in tags { self.owner?.socketSent(tag: tag) }
        tags.removeAll(keepingCapacity: true)
        if self.finishedTags.isEmpty { swap(&tags, &self.finishedTags) }
    }
}

// MARK: Closing

extension FramedSocket {
    /// When the connection is closed for silence, unless something happens.
    var idleDeadline: Instant {
        let idle = self.limits.idleMax.map { self.lastActivity + $0 } ?? .distantFuture
        return min(idle, self.handshakeDeadline ?? .distantFuture)
    }

    /// The deadline has passed.
    func expire() {
        if let deadline = self.handshakeDeadline, deadline <= self.lane.loop.now {
            self.close(.handshakeTimeout)
        } else if self.owner?.isBusy == true {
            self.lastActivity = self.lane.loop.now
        } else {
            self.close(.idle)
        }
    }

    /// Reads no more, and closes once everything that was to be sent is with the kernel.
    func closeWhenSent(_ reason: CloseReason) {
        guard !self.isClosed, self.closeWhenSent == nil else { return }
        self.closeWhenSent = reason
        self.pause(.closing)
        self.scheduleEnd()
    }

    /// Closes now. What the kernel takes at once of the output still leaves, unless the socket is at fault.
    func close(_ reason: CloseReason) {
        guard !self.isClosed else { return }
        self.isClosed = true
        if !self.isBlocked, !self.isWaitingForDisk { self.sendLast(reason) }
        if let registration = self.registration { self.lane.loop.deregister(registration) }
        self.lane.remove(self)
        self.receive.giveBack(to: self.lane.buffers)
        self.output.removeAll()
        self.tls?.free(to: self.lane.buffers)
        self.tls = nil
        self.wire.close()
        let owner = self.owner
        self.owner = nil
        // The owner may be in the middle of something: it learns of the end when it has returned.
        self.lane.loop.execute { owner?.socketClosed(reason) }
    }

    /// The end of a node whose loops were stopped: lets go of everything and tells nobody.
    func abandon() {
        self.isClosed = true
        self.registration = nil
        self.output.removeAll()
        self.wire.close()
        self.owner?.socketAbandoned()
        self.owner = nil
    }

    private func sendLast(_ reason: CloseReason) {
        switch reason {
        case .failed, .connectionRefused, .connectTimeout, .unresolved, .fileTruncated, .tlsFailed, .tooManyConnections:
            return
        case .peerClosed, .badFrame, .authenticationFailed, .handshakeTimeout, .idle, .requested, .shutdown:
            break
        }
        if let tls = self.tls { self.finishSecured(tls) } else { self.flushPlain() }
    }
}
