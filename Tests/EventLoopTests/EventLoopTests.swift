import ApusCore
import CSystem
import EventLoop
import Glibc
import Synchronization
import Testing

@Suite("Event loop")
struct EventLoopTests {
    /// Runs `body` on a loop of its own and returns what it reports.
    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop, @escaping @Sendable (Value) -> Void) -> Void
    ) async throws -> Value {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let value = await withCheckedContinuation { continuation in
            _ = loop.execute { body(loop) { continuation.resume(returning: $0) } }
        }
        loop.stop()
        loop.join()
        return value
    }

    @Test("work from one thread runs in order, on the loop's thread")
    func order() async throws {
        let loop = try EventLoop(name: "test")
        let seen = Mutex<[Int]>([])
        for index in 0..<100 { loop.execute { seen.withLock { $0.append(loop.isInEventLoop ? index : -1) } } }
        try loop.start()
        for index in 100..<200 { loop.execute { seen.withLock { $0.append(loop.isInEventLoop ? index : -1) } } }
        loop.stop()
        loop.join()
        #expect(seen.withLock { $0 } == Array(0..<200))
        #expect(!loop.isInEventLoop)
    }

    @Test("queued work still runs when a loop is stopped, and none is taken after that")
    func drains() throws {
        let loop = try EventLoop(name: "test")
        let count = Atomic<Int>(0)
        loop.execute {
            loop.execute { loop.execute { count.add(1, ordering: .relaxed) } }
            loop.stop()
        }
        try loop.start()
        loop.join()
        #expect(count.load(ordering: .relaxed) == 1)
        #expect(loop.execute {} == false)
    }

    @Test("work queued on the loop itself runs after the caller has returned")
    func sameLoop() async throws {
        let order: [String] = try await self.onLoop { loop, report in
            let seen = Mutex<[String]>([])
            loop.execute {
                seen.withLock { $0.append("later") }
                report(seen.withLock { $0 })
            }
            seen.withLock { $0.append("first") }
        }
        #expect(order == ["first", "later"])
    }

    @Test("timers fire in order and not before their time; a cancelled one does not")
    func timers() async throws {
        let seen: [Int] = try await self.onLoop { loop, report in
            var seen: [Int] = []
            let start = loop.now
            _ = loop.schedule(after: .milliseconds(4)) {
                seen.append(loop.now >= start + .milliseconds(4) ? 3 : -3)
                report(seen)
            }
            let cancelled = loop.schedule(after: .milliseconds(2)) { seen.append(2) }
            _ = loop.schedule(after: .milliseconds(1)) {
                seen.append(loop.now >= start + .milliseconds(1) ? 1 : -1)
                loop.cancel(cancelled)
            }
        }
        #expect(seen == [1, 3])
    }

    @Test("a timer that is set again and again for this moment keeps nothing else from running")
    func timerAgain() async throws {
        final class Spinner {
            var isDone = false

            func spin(_ loop: EventLoop) {
                guard !self.isDone else { return }
                _ = loop.schedule(at: loop.now) { self.spin(loop) }
            }
        }
        let isDone: Bool = try await self.onLoop { loop, report in
            let spinner = Spinner()
            spinner.spin(loop)
            _ = loop.schedule(after: .milliseconds(1)) {
                spinner.isDone = true
                report(true)
            }
        }
        #expect(isDone)
    }

    @Test("a timer whose time is the beginning of time, and that a timer has set, comes next")
    func timerLongOverdue() async throws {
        let hasCome: Bool = try await self.onLoop { loop, report in
            _ = loop.schedule(at: loop.now) {
                _ = loop.schedule(at: Instant(nanoseconds: .min)) { report(true) }
            }
        }
        #expect(hasCome)
    }

    @Test("handlers that asked for the end of the iteration are called once, after the queued work")
    func iterationEnd() async throws {
        final class Recorder: IterationEndHandler {
            var seen: [String] = []
            let report: ([String]) -> Void

            init(report: @escaping ([String]) -> Void) {
                self.report = report
            }

            func iterationEnded() {
                self.seen.append("end")
                self.report(self.seen)
            }
        }
        let seen: [String] = try await self.onLoop { loop, report in
            let recorder = Recorder(report: report)
            loop.callAtIterationEnd(recorder)
            recorder.seen.append("work")
        }
        #expect(seen == ["work", "end"])
    }

    @Test("a descriptor's readiness is reported until it is deregistered")
    func readiness() async throws {
        final class Reader: ReadinessHandler {
            let loop: EventLoop
            let report: @Sendable (Int) -> Void
            var registration: Registration?
            var count = 0

            init(loop: EventLoop, report: @escaping @Sendable (Int) -> Void) {
                self.loop = loop
                self.report = report
            }

            func descriptorReady(_ readiness: Readiness) {
                self.count += 1
                // Nothing is read, so a level-triggered event comes again.
                guard self.count == 2, let registration = self.registration else { return }
                self.loop.deregister(registration)
                _ = self.loop.schedule(after: .milliseconds(1)) { self.report(self.count) }
            }
        }
        var pipe: [Int32] = [0, 0]
        #expect(Glibc.pipe(&pipe) == 0)
        let (source, sink) = (pipe[0], pipe[1])
        defer { for descriptor in [source, sink] { close(descriptor) } }
        let count: Int = try await self.onLoop { loop, report in
            let reader = Reader(loop: loop, report: report)
            do {
                reader.registration = try loop.register(source, for: .readable, handler: reader)
            } catch {
                report(-1)
            }
            _ = write(sink, "x", 1)
        }
        #expect(count == 2)
    }

    @Test("a loop with nothing to do is not woken")
    func idle() throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let clock = Mutex<clockid_t>(0)
        let known = Mutex(false)
        loop.execute {
            var id = clockid_t()
            pthread_getcpuclockid(pthread_self(), &id)
            clock.withLock { $0 = id }
            known.withLock { $0 = true }
        }
        while !known.withLock({ $0 }) { sched_yield() }
        func used() -> Int {
            var time = timespec()
            clock_gettime(clock.withLock { $0 }, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
        // Two hundred milliseconds pass on this thread's clock; the loop's own must all but stand still.
        let end = MonotonicClock.now() + .milliseconds(20)
        while MonotonicClock.now() < end { sched_yield() }
        let before = used()
        let secondEnd = MonotonicClock.now() + .milliseconds(200)
        while MonotonicClock.now() < secondEnd { sched_yield() }
        #expect(used() - before < 1_000_000)
        loop.stop()
        loop.join()
    }

    @Test("a group hands out its loops in turn")
    func turns() throws {
        let group = try EventLoopGroup(count: 2)
        #expect((0..<4).map { _ in group.next().name } == ["loop-0", "loop-1", "loop-0", "loop-1"])
    }
}
