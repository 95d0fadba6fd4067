import ApusCore
import EventLoop
import Glibc
import Networking

/// One end of a connection between two machines, as TCP would have it: bytes arrive in order or not at all, an end that
/// is closed says so behind its last byte, and one that is gone resets whoever still speaks to it.
///
/// What arrives at a machine that is cut off is sent again until the network lets it pass or the sender's patience ends;
/// the receiver then learns nothing, unless it speaks, or its own patience ends.
final class SimulatedStream: NetworkArrival, VirtualStream, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    private enum Cargo {
        case bytes(Int)
        /// The other side sends no more.
        case end
        case reset
    }

    private struct Segment {
        var time: Int64
        var cargo: Cargo
    }

    let local: SocketAddress
    let peer: SocketAddress
    let host: SimulatedHost
    /// Whether this is the end that asked for the connection.
    let isConnector: Bool
    private unowned let network: SimulatedNetwork
    private(set) var other: SimulatedStream?

    /// All bytes that were sent to this end and not received: those that have arrived first.
    private var bytes = ByteQueue()
    private var arrived = 0
    private var segments: [Segment] = []
    private var firstSegment = 0
    private var isScheduled = false
    private var hasPeerFinished = false
    private(set) var failure: Int32 = 0
    /// The process has closed it, or is no more.
    private(set) var isGone = false
    private var changed: (@Sendable () -> Void)?
    /// The process was told that there is no room.
    private var isBlocked = false

    /// Nothing arrives before this.
    private var stalledUntil: Int64 = 0
    private var heldSince: Int64?
    private var retransmission = SimulatedStream.retransmissionMin

    /// First and longest waits between two attempts to send again.
    private static let retransmissionMin: Int64 = 200_000_000
    private static let retransmissionMax: Int64 = 2_000_000_000

    init(local: SocketAddress, peer: SocketAddress, host: SimulatedHost, isConnector: Bool, network: SimulatedNetwork) {
        self.local = local
        self.peer = peer
        self.host = host
        self.isConnector = isConnector
        self.network = network
    }

    static func pair(_ one: SimulatedStream, _ two: SimulatedStream) {
        one.other = two
        two.other = one
    }

    /// The network is no more: the ends of a connection let go of each other.
    func forget() { self.other = nil }

    private var world: World { self.network.world }
    private var machine: SimulatedMachine { self.host.machine }
    var isOpen: Bool { !self.isGone && self.failure == 0 }

    // MARK: - VirtualStream

    var readiness: Readiness {
        guard !self.isGone else { return [] }
        var readiness: Readiness = []
        if self.arrived > 0 || self.hasPeerFinished || self.failure != 0 { readiness.insert(.readable) }
        if self.hasPeerFinished { readiness.insert(.peerClosed) }
        if self.failure != 0 {
            readiness.insert(.broken)
            readiness.insert(.writable)
        } else if let other = self.other, other.bytes.count < self.network.window {
            readiness.insert(.writable)
        }
        return readiness
    }

    var readableBytes: Int { self.arrived }

    func begin(_ changed: @escaping @Sendable () -> Void) {
        self.changed = changed
    }

    func receive(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = self.bytes.take(into: room, atMost: self.arrived)
        if count > 0 {
            self.arrived -= count
            self.other?.roomGrew()
            return count
        }
        if self.failure != 0 { return -Int(self.failure) }
        return self.hasPeerFinished ? 0 : -Int(EAGAIN)
    }

    func send(_ pieces: UnsafePointer<iovec>, count: Int) -> Int {
        guard self.failure == 0 else { return -Int(self.failure) }
        guard let other = self.other, !self.isGone, !self.host.isHalted else { return -Int(EPIPE) }
        var sent = 0
        for index in 0..<count {
            let room = self.network.window - other.bytes.count
            guard room > 0 else { break }
            let taken = min(room, pieces[index].iov_len)
            let piece = UnsafeRawBufferPointer(start: pieces[index].iov_base, count: taken)
            self.world.trace.mix(.digest(piece))
            other.bytes.append(piece)
            sent += taken
        }
        // Whoever could send a part only waits for room as well.
        if other.bytes.count >= self.network.window { self.isBlocked = true }
        guard sent > 0 else { return -Int(EAGAIN) }
        let split = self.network.split(sent)
        other.expect(.bytes(split))
        if split < sent { other.expect(.bytes(sent - split)) }
        return sent
    }

    func close() {
        guard !self.isGone else { return }
        self.leave()
        if self.failure == 0 { self.other?.expect(self.arrived > 0 ? .reset : .end) }
        self.network.retire(self)
    }

    // MARK: - What befalls it

    /// Closes without an orderly end.
    func reset() {
        guard !self.isGone else { return }
        self.leave()
        self.other?.expect(.reset)
        self.network.retire(self)
    }

    /// Its machine is without power: it is gone and says nothing.
    func vanish() {
        self.leave()
        self.network.retire(self)
    }

    /// The connection breaks at this end.
    func fail(_ number: Int32) {
        guard self.failure == 0 else { return }
        self.failure = number
        self.drop()
        self.changed?()
        self.network.retire(self)
    }

    /// Nothing more arrives of what was sent to this end.
    private func drop() {
        self.bytes.truncate(to: self.arrived)
        self.segments.removeAll(keepingCapacity: true)
        self.firstSegment = 0
    }

    /// What was sent to this end arrives `delay` later, and then the connection breaks here.
    func breakLate(after delay: Int64) {
        self.stalledUntil = max(self.stalledUntil, self.world.now.nanoseconds + delay)
        self.expect(.reset)
    }

    /// Nothing arrives before `time`.
    func stall(until time: Int64) {
        self.stalledUntil = max(self.stalledUntil, time)
    }

    private func leave() {
        self.isGone = true
        self.changed = nil
    }

    private func roomGrew() {
        guard self.isBlocked else { return }
        self.isBlocked = false
        self.changed?()
    }

    // MARK: - Arrival

    /// Puts something on its way to this end.
    private func expect(_ cargo: Cargo) {
        guard let other = self.other else { return }
        let count = if case .bytes(let count) = cargo { count } else { 0 }
        var time = self.world.now.nanoseconds + self.network.delay(from: other.machine, to: self.machine, count: count)
        if let last = self.segments.last { time = max(time, last.time) }
        self.segments.append(Segment(time: time, cargo: cargo))
        self.scheduleArrival()
    }

    private func scheduleArrival() {
        guard !self.isScheduled, self.firstSegment < self.segments.count else { return }
        self.isScheduled = true
        self.network.schedule(self, at: self.segments[self.firstSegment].time)
    }

    override func arrive() -> (host: Int32, amount: Int64)? {
        self.isScheduled = false
        guard self.firstSegment < self.segments.count, let other = self.other else { return nil }
        let now = self.world.now.nanoseconds
        if self.stalledUntil > now || !self.network.canPass(from: other.machine, to: self.machine) {
            self.hold(now, other)
            return (self.host.number, -1)
        }
        self.heldSince = nil
        self.retransmission = Self.retransmissionMin
        var amount = 0
        while self.firstSegment < self.segments.count, self.segments[self.firstSegment].time <= now {
            let cargo = self.segments[self.firstSegment].cargo
            self.firstSegment += 1
            amount += self.take(cargo, other)
        }
        if self.firstSegment == self.segments.count {
            self.segments.removeAll(keepingCapacity: true)
            self.firstSegment = 0
        } else if self.firstSegment > 64 {
            self.segments.removeFirst(self.firstSegment)
            self.firstSegment = 0
        }
        self.scheduleArrival()
        self.changed?()
        self.network.retire(self)
        return (self.host.number, Int64(amount))
    }

    private func take(_ cargo: Cargo, _ other: SimulatedStream) -> Int {
        switch cargo {
        case .bytes(let count):
            guard self.isOpen else {
                other.expect(.reset)
                return 0
            }
            self.arrived += count
            return count
        case .end:
            self.hasPeerFinished = true
        case .reset:
            if self.failure == 0 { self.failure = ECONNRESET }
        }
        return 0
    }

    /// Nothing passes: it is sent again later, until the sender gives up.
    private func hold(_ now: Int64, _ other: SimulatedStream) {
        let since = self.heldSince ?? now
        self.heldSince = since
        if now - since > self.network.patience.nanoseconds {
            other.fail(ETIMEDOUT)
            self.drop()
            // Nobody speaks to this end any more; probing a silent peer ends it at last.
            self.segments.append(
                Segment(time: now + self.network.probing.nanoseconds, cargo: .reset))
            self.stalledUntil = 0
            self.scheduleArrival()
            return
        }
        self.isScheduled = true
        let next = now + self.retransmission
        self.network.schedule(self, at: self.stalledUntil > now ? min(next, self.stalledUntil) : next)
        self.retransmission = min(self.retransmission * 2, Self.retransmissionMax)
    }

    /// Whether nothing can happen to this end any more.
    var isDone: Bool { (self.isGone || self.failure != 0) && self.firstSegment == self.segments.count }

    func unpair() {
        self.other = nil
    }
}
