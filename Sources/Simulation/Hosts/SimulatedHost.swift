package import ApusCore
package import EventLoop
import SimulatedStorage

/// One life of a process on a machine: what its loops, pools and sockets run on.
///
/// Transitions: running <-> paused (`pause`, `resume`: as a process that was stopped and continued), running or paused ->
/// gone (`end`). When it is gone its loops take no turn, its jobs are not run, and its connections are closed by the
/// machine, or fall silent where the machine lost its power.
package final class SimulatedHost: VirtualHost, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package unowned let world: World
    package let machine: SimulatedMachine
    package let number: Int32
    package private(set) var isAlive = true
    package private(set) var isPaused = false
    /// The process is at its end in the middle of a turn: whatever it still does has no effect.
    package var isHalted: Bool { self.wasHalted || self.disk?.isCrashed == true }
    private var wasHalted = false
    /// The disk whose planned crash ends the process.
    var disk: SimulatedFileSystem?
    /// Is called after the turn or job in which the disk crashed.
    var died: (() -> Void)?

    /// What its connections are made of.
    package var sockets: HostSockets { HostSockets(host: self, network: self.world.network) }

    private var random: SeededRandom
    private var seeds: SeededRandom
    private var seats: [LoopSeat] = []
    private var deferred: [World.Job] = []
    /// When each thread of the pool is free.
    private var workers = [Int64](repeating: 0, count: SimulatedHost.workerCount)
    /// Nanoseconds that the turn or job under way takes beyond what every one takes: what it waits for the disk.
    private var waited: Int64 = 0

    /// Threads of a node's pool.
    private static let workerCount = 4
    /// What a turn or a job takes at least and at most, in nanoseconds, on a machine of usual speed.
    private static let activity: ClosedRange<Int64> = 1_000...20_000
    /// How long a thread that waits takes to wake, in nanoseconds.
    private static let wakeUp: ClosedRange<Int64> = 1_000...50_000

    init(world: World, machine: SimulatedMachine, number: Int32, random: RandomTree) {
        self.world = world
        self.machine = machine
        self.number = number
        self.random = random.branch("scheduling").generator
        self.seeds = random.branch("seeds").generator
    }

    package var name: String { self.machine.name }

    package var clock: HostClock { self.machine.clock }

    /// A loop of this host.
    package func makeLoop(_ name: String) -> EventLoop {
        let loop = EventLoop(name: name, host: self)
        let seat = LoopSeat(loop: loop, host: self)
        (seat.slot, seat.generation) = self.world.loops.insert(seat)
        self.seats.append(seat)
        return loop
    }

    var loops: [EventLoop] { self.seats.map(\.loop) }

    // MARK: - VirtualHost

    package var now: Instant { self.clock.monotonic(at: self.world.now) }

    package var wallClock: Timestamp { self.clock.wall(at: self.world.now) }

    package func nextSeed() -> UInt64 { self.seeds.next() }

    package func wake(_ loop: EventLoop) {
        guard self.isAlive, let seat = self.seats.first(where: { $0.loop === loop }) else { return }
        seat.schedule(at: self.world.now.nanoseconds + self.draw(Self.wakeUp))
    }

    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard self.isAlive, !self.isHalted else { return false }
        let (slot, generation) = self.world.jobs.insert(World.Job(host: self, work: work))
        var worker = 0
        for index in self.workers.indices where self.workers[index] < self.workers[worker] { worker = index }
        let begin = max(self.workers[worker], self.world.now.nanoseconds + self.draw(Self.wakeUp))
        let end = begin + self.draw(Self.activity) + self.machine.diskDelay(&self.random)
        self.workers[worker] = end
        self.world.queue.push(.job, at: end, slot: slot, generation: generation)
        return true
    }

    private func draw(_ range: ClosedRange<Int64>) -> Int64 {
        let span = UInt64(range.upperBound - range.lowerBound)
        return (range.lowerBound + Int64(self.random.next() % (span + 1))) * self.machine.processorSlowdowns.factor
    }

    // MARK: - Activity

    func beginActivity() {
        self.waited = 0
    }

    /// What runs now waits for so many nanoseconds.
    func wait(_ nanoseconds: Int64) {
        self.waited += nanoseconds
    }

    /// How long it took, in nanoseconds.
    func endActivity() -> Int64 {
        if !self.wasHalted, self.disk?.isCrashed == true { self.died?() }
        return self.draw(Self.activity) + self.waited
    }

    func run(_ job: World.Job, number: UInt32) -> Bool {
        guard self.isAlive, !self.isHalted else { return false }
        guard !self.isPaused else {
            self.deferred.append(job)
            return false
        }
        self.world.trace.record(
            Trace.Entry(time: self.world.now, kind: .job, host: self.number, subject: number, amount: 0))
        self.beginActivity()
        job.work()
        _ = self.endActivity()
        return true
    }

    // MARK: - Life

    /// Lets nothing that the process still does in this turn have an effect; `end` is to follow.
    func halt() {
        self.wasHalted = true
    }

    /// Stops the process where it stands; its machine goes on receiving for it.
    package func pause() {
        self.isPaused = true
    }

    /// Lets a paused process go on.
    package func resume() {
        guard self.isPaused else { return }
        self.isPaused = false
        for seat in self.seats { seat.resume() }
        let jobs = self.deferred
        self.deferred = []
        for job in jobs {
            let (slot, generation) = self.world.jobs.insert(job)
            self.world.queue.push(
                .job, at: self.world.now.nanoseconds + self.draw(Self.wakeUp), slot: slot, generation: generation)
        }
    }

    /// Ends the process: `kill -9`, or with the power of its machine.
    ///
    /// Not within a turn or a job of this host.
    package func end(losingPower: Bool = false) {
        guard self.isAlive else { return }
        self.isAlive = false
        self.isPaused = false
        self.machine.host = nil
        self.machine.hasPower = !losingPower
        self.world.network.hostEnded(self, losingPower: losingPower)
        let jobs = self.world.jobs.removeAll { $0.host === self }
        let seats = self.seats
        let deferred = self.deferred
        self.seats = []
        self.deferred = []
        self.died = nil
        self.disk = nil
        for seat in seats {
            self.world.loops.remove(seat.slot, seat.generation)
            seat.loop.stop()
        }
        withExtendedLifetime((jobs, deferred)) {}
    }
}
