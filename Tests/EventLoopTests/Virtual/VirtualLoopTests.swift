import ApusCore
import Testing

@testable import EventLoop

@Suite struct VirtualLoopTests {
    /// A host whose clock stands still until a test moves it.
    final class Host: VirtualHost, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var now = Instant(nanoseconds: 1000)
        var wallClock: Timestamp = 42
        var wakes: [String] = []
        var jobs: [@Sendable () -> Void] = []
        var takesJobs = true

        func wake(_ loop: EventLoop) { self.wakes.append(loop.name) }

        func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
            if self.takesJobs { self.jobs.append(work) }
            return self.takesJobs
        }

        func nextSeed() -> UInt64 { 1 }
    }

    final class Source: VirtualSource, ReadinessHandler, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var readiness: Readiness = []
        var reports: [Readiness] = []
        var registration: Registration?
        var report: () -> Void = {}

        func descriptorReady(_ readiness: Readiness) {
            self.reports.append(readiness)
            self.report()
        }
    }

    final class Journal: IterationEndHandler, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var lines: [String] = []

        func iterationEnded() { self.lines.append("end") }
    }

    private let host = Host()
    private let journal = Journal()

    private func makeLoop() -> EventLoop { EventLoop(name: "loop", host: self.host) }

    @Test func `a turn runs what is ready, timers, work and the end of the iteration, in this order`() {
        let (loop, source) = (self.makeLoop(), Source())
        source.report = { self.journal.lines.append("ready") }
        loop.execute {
            _ = loop.schedule(after: .zero) { self.journal.lines.append("timer") }
            loop.execute { self.journal.lines.append("work") }
            loop.callAtIterationEnd(self.journal)
            _ = loop.register(source, for: .readable, handler: source)
        }
        _ = loop.turn()
        #expect(self.journal.lines == ["work", "end"])
        source.readiness = .readable
        self.journal.lines = []
        loop.execute {
            self.journal.lines.append("work from outside")
            loop.execute { self.journal.lines.append("work from within") }
            loop.callAtIterationEnd(self.journal)
        }
        _ = loop.turn()
        #expect(self.journal.lines == ["ready", "timer", "work from outside", "work from within", "end"])
    }

    @Test func `the loop is current during its turn only, and its clock is the host's`() {
        let loop = self.makeLoop()
        var seen: Instant?
        loop.execute { self.journal.lines.append("\(loop.isInEventLoop) \(loop.now.nanoseconds)") }
        self.host.now = Instant(nanoseconds: 7)
        _ = loop.turn()
        seen = loop.clock.monotonic
        #expect(self.journal.lines == ["true 7"])
        #expect(!loop.isInEventLoop)
        #expect(seen == Instant(nanoseconds: 7))
        #expect(loop.clock.wall == 42)
    }

    @Test func `work from outside wakes the host once until the next turn`() {
        let loop = self.makeLoop()
        loop.execute {}
        loop.execute {}
        #expect(self.host.wakes == ["loop"])
        #expect(loop.turn() == nil)
        loop.execute {}
        #expect(self.host.wakes == ["loop", "loop"])
    }

    @Test func `a turn says when the next is wanted`() {
        let loop = self.makeLoop()
        #expect(loop.turn() == nil)
        loop.execute {
            _ = loop.schedule(after: .milliseconds(5)) {}
            loop.execute { loop.execute {} }
        }
        #expect(loop.turn() == self.host.now)
        let deadline = self.host.now + .milliseconds(5)
        #expect(loop.turn() == deadline)
        self.host.now = deadline
        #expect(loop.turn() == nil)
    }

    @Test func `a source is reported while it is ready for what is of interest`() {
        let (loop, source) = (self.makeLoop(), Source())
        loop.execute { source.registration = loop.register(source, for: .readable, handler: source) }
        #expect(loop.turn() == self.host.now)
        source.readiness = [.readable, .writable]
        #expect(loop.turn() == self.host.now)
        #expect(source.reports == [.readable])
        _ = loop.turn()
        #expect(source.reports == [.readable, .readable])
        guard let registration = source.registration else { return }
        loop.execute { loop.setInterest([], of: registration) }
        _ = loop.turn()
        #expect(source.reports.count == 3)
        #expect(loop.turn() == nil)
        source.readiness = [.readable, .broken]
        loop.signal(registration)
        _ = loop.turn()
        #expect(source.reports.last == .broken)
        loop.execute { loop.deregister(registration) }
        _ = loop.turn()
        let count = source.reports.count
        loop.signal(registration)
        #expect(loop.turn() == nil)
        #expect(source.reports.count == count)
    }

    @Test func `a stopped loop drops what it had, in the middle of a turn even`() {
        let loop = self.makeLoop()
        loop.execute {
            _ = loop.schedule(after: .zero) { self.journal.lines.append("timer") }
            self.journal.lines.append("first")
            loop.callAtIterationEnd(self.journal)
            loop.stop()
            self.journal.lines.append("\(loop.execute {})")
        }
        loop.execute { self.journal.lines.append("second") }
        #expect(loop.turn() == nil)
        #expect(loop.turn() == nil)
        #expect(self.journal.lines == ["first", "false"])
        #expect(!loop.execute {})
    }

    @Test func `a stopped loop lets go of what its work held`() {
        final class Held: Sendable {}
        let loop = self.makeLoop()
        weak var held: Held?
        do {
            let strong = Held()
            held = strong
            loop.execute { withExtendedLifetime(strong) {} }
        }
        #expect(held != nil)
        loop.stop()
        #expect(held == nil)
    }

    @Test func `a pool without threads hands its work to the host`() {
        let pool = BlockingPool(host: self.host)
        #expect(pool.submit { self.journal.lines.append("job") })
        #expect(self.journal.lines.isEmpty)
        for job in self.host.jobs { job() }
        #expect(self.journal.lines == ["job"])
        self.host.takesJobs = false
        #expect(!pool.submit {})
        self.host.takesJobs = true
        pool.stop()
        #expect(!pool.submit {})
    }
}
