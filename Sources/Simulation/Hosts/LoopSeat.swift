import ApusCore
import EventLoop

/// A loop of a host, and when it takes its next turn.
final class LoopSeat {
    let loop: EventLoop
    unowned let host: SimulatedHost
    /// The seat's place in the world's table.
    var slot: UInt32 = 0
    var generation: UInt32 = 0
    /// When the next turn is to come: an event for another moment is stale.
    private var dueAt = Int64.max
    /// The last turn takes this long.
    private var busyUntil: Int64 = 0
    /// The host is paused and the loop would have had its turn.
    private var isDeferred = false

    init(loop: EventLoop, host: SimulatedHost) {
        self.loop = loop
        self.host = host
    }

    /// Makes sure of a turn at `time`, or as soon after as the loop has ended its last one.
    func schedule(at time: Int64) {
        let time = max(time, self.busyUntil)
        guard time < self.dueAt else { return }
        self.dueAt = time
        self.host.world.queue.push(.turn, at: time, slot: self.slot, generation: self.generation)
    }

    func takeTurn(_ event: EventQueue.Event) -> Bool {
        guard event.time == self.dueAt, !self.host.isHalted else { return false }
        guard !self.host.isPaused else {
            self.isDeferred = true
            self.dueAt = .max
            return false
        }
        self.dueAt = .max
        let world = self.host.world
        self.host.beginActivity()
        let next = self.loop.turn()
        self.busyUntil = world.now.nanoseconds + self.host.endActivity()
        world.trace.record(
            Trace.Entry(
                time: world.now, kind: .turn, host: self.host.number, subject: self.slot,
                amount: next.map(\.nanoseconds) ?? -1))
        if let next, self.host.isAlive { self.schedule(at: self.host.clock.world(at: next).nanoseconds) }
        return true
    }

    func resume() {
        guard self.isDeferred else { return }
        self.isDeferred = false
        self.schedule(at: self.host.world.now.nanoseconds)
    }
}
