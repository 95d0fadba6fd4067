import ApusCore
import EventLoop

/// What the connections of one loop share. Only on the loop.
final class Lane: @unchecked Sendable {
    // Unchecked: `loop`, `blocking` and `virtual` never change and are Sendable; the rest is touched on the loop only.
    let loop: EventLoop
    let blocking: BlockingPool
    /// What sockets are made of in virtual time.
    let virtual: (any VirtualNetwork)?
    let buffers: BufferPool
    let scratch = GatherScratch()
    private var sockets: [FramedSocket] = []
    /// The connections that were made here, in virtual time: for their abandonment.
    private var outgoing: [OutgoingConnection] = []
    private var sweep: (timer: TimerID, deadline: Instant)?
    private(set) var isClosed = false

    /// Two sweeps for idle connections are at least this far apart.
    private static let sweepIntervalMin = Interval.milliseconds(500)

    init(loop: EventLoop, blocking: BlockingPool, virtual: (any VirtualNetwork)?) {
        self.loop = loop
        self.blocking = blocking
        self.virtual = virtual
        self.buffers = BufferPool(loop: loop)
    }

    /// Open sockets on the loop.
    var socketCount: Int { self.sockets.count }

    func add(_ socket: FramedSocket) {
        socket.laneIndex = self.sockets.count
        self.sockets.append(socket)
        self.deadlineChanged(socket)
    }

    func remove(_ socket: FramedSocket) {
        let index = socket.laneIndex
        precondition(self.sockets[index] === socket)
        let last = self.sockets.removeLast()
        if last !== socket {
            self.sockets[index] = last
            last.laneIndex = index
        }
    }

    /// The socket's limit may now end earlier than the next sweep.
    func deadlineChanged(_ socket: FramedSocket) {
        let deadline = socket.idleDeadline
        guard deadline < .distantFuture else { return }
        if let sweep = self.sweep {
            guard deadline < sweep.deadline else { return }
            self.loop.cancel(sweep.timer)
        }
        self.scheduleSweep(at: deadline)
    }

    private func scheduleSweep(at deadline: Instant) {
        let timer = self.loop.schedule(at: deadline) { [weak self] in
            self?.sweep = nil
            self?.closeExpired()
        }
        self.sweep = (timer, deadline)
    }

    /// One timer serves all connections: it looks at each, and at none again before the earliest limit.
    private func closeExpired() {
        let now = self.loop.now
        for socket in self.sockets.reversed() where socket.idleDeadline <= now { socket.expire() }
        let earliest = self.sockets.reduce(Instant.distantFuture) { min($0, $1.idleDeadline) }
        guard earliest < .distantFuture else { return }
        self.scheduleSweep(at: max(earliest, now + Self.sweepIntervalMin))
    }

    /// Closes every connection, and those that come later.
    func close() {
        self.isClosed = true
        for socket in self.sockets.reversed() { socket.close(.shutdown) }
    }

    /// Lets go of every connection; nobody is told.
    func abandon() {
        self.isClosed = true
        let sockets = self.sockets
        self.sockets = []
        for socket in sockets { socket.abandon() }
        let outgoing = self.outgoing
        self.outgoing = []
        for connection in outgoing { connection.abandon() }
    }

    /// A connection is to begin. In virtual time from any thread, for there is one; else it does nothing.
    func remember(_ connection: OutgoingConnection) {
        if self.virtual != nil { self.outgoing.append(connection) }
    }

    /// A connection has ended.
    func forget(_ connection: OutgoingConnection) {
        if self.virtual != nil { self.outgoing.removeAll { $0 === connection } }
    }
}
