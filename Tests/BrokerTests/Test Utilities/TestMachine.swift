import ApusCore
import EventLoop
import Networking

/// A machine in virtual time without faults: a loop that is woken takes its turn a moment later, as the seed has it.
final class TestMachine: VirtualHost, @unchecked Sendable {
    // Unchecked: one test's thread uses it.
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    var wallClock: Timestamp { Timestamp(1_700_000_000_000 + self.now.nanoseconds / 1_000_000) }
    /// Every turn: when, and whose.
    private(set) var turns: [String] = []

    private struct Seat {
        let loop: EventLoop
        var due: Instant?
    }

    private var seats: [Seat] = []
    private var jobs: [@Sendable () -> Void] = []
    private var seeds: SeededRandom
    private var delays: SeededRandom

    init(seed: UInt64) {
        self.seeds = SeededRandom(seed: seed)
        self.delays = SeededRandom(seed: ~seed)
    }

    func makeLoop(_ name: String) -> EventLoop {
        let loop = EventLoop(name: name, host: self)
        self.seats.append(Seat(loop: loop))
        return loop
    }

    /// Forgets every loop and job.
    func clear() {
        self.seats = []
        self.jobs = []
    }

    func wake(_ loop: EventLoop) {
        for index in self.seats.indices where self.seats[index].loop === loop {
            let due = self.now + .microseconds(Int64.random(in: 1...20, using: &self.delays))
            self.seats[index].due = min(self.seats[index].due ?? due, due)
        }
    }

    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        self.jobs.append(work)
        return true
    }

    func nextSeed() -> UInt64 { self.seeds.next() }

    /// Runs until `isDone`; returns whether that came about before `limit` had passed.
    func run(for limit: Interval = .seconds(20), until isDone: () -> Bool) -> Bool {
        let end = self.now + limit
        while !isDone() {
            guard self.step(before: end) else { return false }
        }
        return true
    }

    private func step(before end: Instant) -> Bool {
        if !self.jobs.isEmpty {
            self.jobs.removeFirst()()
            return true
        }
        var next: Int?
        for index in self.seats.indices {
            guard let due = self.seats[index].due else { continue }
            if let known = next, let earliest = self.seats[known].due, earliest <= due { continue }
            next = index
        }
        guard let next, let due = self.seats[next].due, due <= end else { return false }
        self.now = max(self.now, due)
        self.seats[next].due = nil
        let loop = self.seats[next].loop
        self.turns.append("\(self.now.nanoseconds) \(loop.name)")
        let wanted = loop.turn()
        if let wanted { self.seats[next].due = min(self.seats[next].due ?? wanted, wanted) }
        return true
    }
}
