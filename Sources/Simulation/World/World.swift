package import ApusCore
import EventLoop

/// A world in virtual time: machines, the network between them, their disks, and everything that happens to them, from
/// one seed.
///
/// Everything runs on the thread that calls `step`: loops of hosts take their turns, jobs of their pools are run, bytes
/// arrive, faults strike, clients act. The next event is the earliest one, and among those of the same moment the one
/// that was asked for first. Nothing depends on real time, on addresses or on the order of hashed collections, so the
/// same seed gives the same trace on every machine.
package final class World: @unchecked Sendable {
    // Unchecked: a world and all that belongs to it is used by one thread at a time, which is the caller's to see to.

    package let seed: UInt64
    package let random: RandomTree
    /// Virtual time since the world began.
    package internal(set) var now = Instant(nanoseconds: 0)
    /// Events that happened.
    package private(set) var eventCount: UInt64 = 0
    package var trace: Trace
    package private(set) lazy var network = SimulatedNetwork(world: self, random: self.random.branch("network"))
    /// Is called after every event: where invariants are checked. It may not schedule anything that depends on how
    /// often it is called.
    package var afterEvent: (() -> Void)?

    /// The number of the host that the event under way is about; -1 for one that may concern any.
    package private(set) var activeHost: Int32 = -1
    /// Whether the event under way can have changed what a process has in memory.
    package private(set) var isActive = false

    /// An event is over, and those who watch the world look at what it has changed.
    package private(set) var isWatched = false

    var queue = EventQueue()
    var loops = SlotTable<LoopSeat>()
    var jobs = SlotTable<Job>()
    private var actions = SlotTable<Action>()
    private(set) var hosts: [SimulatedHost] = []

    private struct Action {
        let host: Int32
        let label: String
        let perform: () -> Void
    }

    struct Job {
        let host: SimulatedHost
        let work: @Sendable () -> Void
    }

    /// - Parameter traceCapacity: how many of the last events are kept.
    package init(seed: UInt64, traceCapacity: Int = 200) {
        self.seed = seed
        self.random = RandomTree(seed: seed)
        self.trace = Trace(seed: seed, capacity: traceCapacity)
    }

    // MARK: - Hosts

    /// A process on a machine of the network: a life of a node, or a client.
    ///
    /// - Parameter machine: the machine's name; it must have no host that is alive.
    package func makeHost(on machine: String) -> SimulatedHost {
        let machine = self.network.machine(machine)
        precondition(machine.host == nil, "\(machine.name) has a host already")
        let number = Int32(self.hosts.count)
        let host = SimulatedHost(
            world: self, machine: machine, number: number, random: self.random.branch("host", UInt64(number)))
        self.hosts.append(host)
        machine.host = host
        machine.hasPower = true
        return host
    }

    // MARK: - Actions

    /// Names an action that was scheduled.
    package struct ActionID: Hashable, Sendable {
        let slot: UInt32
        let generation: UInt32
    }

    /// Performs `action` after `interval`.
    ///
    /// - Parameters:
    ///   - kind: `fault`, `client` or `check`.
    ///   - host: the number of the host it is about, for the trace.
    ///   - label: a few words for the trace.
    @discardableResult
    package func schedule(
        after interval: Interval, _ kind: EventKind, host: Int32 = -1, label: String, _ action: @escaping () -> Void
    ) -> ActionID {
        precondition(interval >= .zero, "the past is over")
        let (slot, generation) = self.actions.insert(Action(host: host, label: label, perform: action))
        self.queue.push(kind, at: (self.now + interval).nanoseconds, slot: slot, generation: generation)
        return ActionID(slot: slot, generation: generation)
    }

    /// Does nothing where the action was performed already.
    package func cancel(_ id: ActionID) {
        self.actions.remove(id.slot, id.generation)
    }

    /// Writes a line into the trace.
    package func note(_ kind: EventKind, host: Int32 = -1, _ text: @autoclosure () -> String) {
        self.trace.keep(
            Trace.Entry(time: self.now, kind: kind, host: host, subject: 0, amount: 0, text: text()))
    }

    // MARK: - Events

    /// Lets the next event happen. False where nothing is to come.
    @discardableResult
    package func step() -> Bool {
        while let event = self.queue.pop() {
            self.now.nanoseconds = max(self.now.nanoseconds, event.time)
            guard self.perform(event) else { continue }
            self.eventCount += 1
            self.isWatched = true
            self.afterEvent?()
            self.isWatched = false
            return true
        }
        return false
    }

    /// Lets happen what happens before `end`; it is `end` then.
    package func run(until end: Instant) {
        while let time = self.queue.earliest, time < end.nanoseconds { self.step() }
        self.now = max(self.now, end)
    }

    package func run(for interval: Interval) {
        self.run(until: self.now + interval)
    }

    /// Lets events happen until `condition` holds, at most for `limit`. Returns whether it holds.
    package func run(atMost limit: Interval, until condition: () -> Bool) -> Bool {
        let end = self.now + limit
        while !condition() {
            guard let time = self.queue.earliest, time < end.nanoseconds else { return false }
            self.step()
        }
        return true
    }

    /// Whether the event was not stale.
    private func perform(_ event: EventQueue.Event) -> Bool {
        switch event.kind {
        case .turn:
            guard let seat = self.loops.element(event.slot, event.generation) else { return false }
            (self.isActive, self.activeHost) = (true, seat.host.number)
            return seat.takeTurn(event)
        case .job:
            guard let job = self.jobs.remove(event.slot, event.generation) else { return false }
            (self.isActive, self.activeHost) = (true, job.host.number)
            return job.host.run(job, number: event.slot)
        case .delivery:
            self.isActive = false
            return self.network.deliver(event)
        case .fault, .client, .check:
            guard let action = self.actions.remove(event.slot, event.generation) else { return false }
            (self.isActive, self.activeHost) = (true, -1)
            self.trace.record(
                Trace.Entry(
                    time: self.now, kind: event.kind, host: action.host, subject: event.slot, amount: 0,
                    text: action.label))
            action.perform()
            return true
        }
    }
}
