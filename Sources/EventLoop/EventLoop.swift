package import ApusCore
import CSystem
import Glibc
import Synchronization

/// A thread that waits for descriptors, timers and work from other threads, and runs what they ask for one by one.
///
/// Transitions: made -> running (`start`) -> stopping (`stop`) -> ended (queued work has run). A loop that waits uses no
/// processor time: it wakes for readiness, for the earliest timer, and for `execute`, and for nothing else.
///
/// An iteration runs, in this order: ready descriptors, due timers, queued work, and the iteration-end handlers (where
/// connections send what the iteration has made).
///
/// A virtual loop (`init(name:host:)`) has no thread: see `turn`. All else holds for it too, but that `stop` drops what
/// is queued.
package final class EventLoop: Sendable {
    package typealias Work = @Sendable () -> Void

    private struct Inbox {
        var work: [Work] = []
        /// Virtual sources that may be ready.
        var signals: [Registration] = []
        /// The loop sleeps or is about to: whoever adds work must signal it.
        var isWakeNeeded = false
        var isStopRequested = false
        var hasEnded = false
    }

    /// What only the loop's thread touches.
    final class Confined {
        var now: Instant
        var registrations = RegistrationTable()
        /// What a virtual loop watches.
        var watches = VirtualWatches()
        var timers = TimerHeap<() -> Void>()
        var work: [Work] = []
        var iterationEndHandlers: [any IterationEndHandler] = []
        /// A virtual loop was stopped: nothing runs any more.
        var hasHalted = false

        init(now: Instant) {
            self.now = now
        }
    }

    package let name: String
    /// The clock that timers and `now` go by.
    package let clock: NodeClock
    /// -1 on a virtual loop.
    let epoll: Int32
    private let wake: Int32
    private let inbox = Mutex(Inbox())
    private let threadIdentity = Atomic<UInt>(0)
    private let thread = Mutex<WorkerThread?>(nil)
    // Unsafe: only the loop's thread touches it; every use asserts that.
    nonisolated(unsafe) let confined: Confined

    private static let wakeToken = UInt64.max
    private static let eventCountMax = 512

    /// - Throws: where the system has no descriptors left.
    package init(name: String) throws(SystemError) {
        self.name = name
        self.clock = .system
        self.confined = Confined(now: MonotonicClock.now())
        self.epoll = try SystemError.check(apus_epoll_create(), "epoll_create1")
        self.wake = try SystemError.check(apus_eventfd(), "eventfd")
        // Edge-triggered and never read: each signal is one event.
        let events = apus_epoll_in | apus_epoll_edge
        _ = try SystemError.check(
            apus_epoll_control(self.epoll, EPOLL_CTL_ADD, self.wake, events, Self.wakeToken), "epoll_ctl")
    }

    /// A loop without a thread: its owner gives it its turns.
    package init(name: String, host: any VirtualHost) {
        self.name = name
        self.clock = NodeClock(host)
        self.confined = Confined(now: host.now)
        self.epoll = -1
        self.wake = -1
        self.inbox.withLock { $0.isWakeNeeded = true }
    }

    deinit {
        guard self.epoll >= 0 else { return }
        _ = apus_close(self.wake)
        _ = apus_close(self.epoll)
    }

    /// Starts the thread. Work that was queued before runs then.
    package func start() throws(SystemError) {
        precondition(self.clock.host == nil, "a virtual loop has no thread")
        // A send to a closed socket is an error of that socket, not the end of the process.
        apus_signal_ignore(SIGPIPE)
        let thread = try WorkerThread(name: self.name) { self.run() }
        self.thread.withLock { (slot: inout WorkerThread?) in
            precondition(slot == nil, "a loop is started once")
            slot = thread
        }
    }

    /// Asks the loop to end after the work that is queued; returns at once. Registered handlers are dropped then.
    ///
    /// A virtual loop ends at once, in the middle of a turn even: what was queued or scheduled is dropped.
    package func stop() {
        guard self.clock.host == nil else {
            self.halt()
            return
        }
        let wake = self.inbox.withLock { inbox in
            inbox.isStopRequested = true
            defer { inbox.isWakeNeeded = false }
            return inbox.isWakeNeeded
        }
        if wake { _ = apus_eventfd_signal(self.wake) }
    }

    /// Waits for the end of the thread. Not on the loop itself.
    package func join() {
        precondition(!self.isInEventLoop, "a loop cannot wait for itself")
        self.thread.withLock { $0 }?.join()
    }

    /// Whether the caller runs on the loop's thread.
    package var isInEventLoop: Bool { self.threadIdentity.load(ordering: .relaxed) == apus_thread_current() }

    @inline(__always)
    package func assertInEventLoop() {
        assert(self.isInEventLoop, "called outside of its event loop")
    }

    /// The moment the iteration began. Only on the loop.
    package var now: Instant {
        self.assertInEventLoop()
        return self.confined.now
    }

    /// Runs `work` on the loop, after what is queued already and never within this call. From any thread.
    ///
    /// - Returns: whether it will run: false after the loop has ended.
    @discardableResult
    package func execute(_ work: @escaping Work) -> Bool {
        if self.isInEventLoop {
            guard !self.confined.hasHalted else { return false }
            self.confined.work.append(work)
            return true
        }
        enum Outcome { case refused, queued, queuedAsleep }
        let outcome = self.inbox.withLock { inbox -> Outcome in
            if inbox.hasEnded { return .refused }
            inbox.work.append(work)
            guard inbox.isWakeNeeded else { return .queued }
            inbox.isWakeNeeded = false
            return .queuedAsleep
        }
        if outcome == .queuedAsleep { self.wakeUp() }
        return outcome != .refused
    }

    private func wakeUp() {
        if let host = self.clock.host { host.wake(self) } else { _ = apus_eventfd_signal(self.wake) }
    }

    /// Calls `handler` once at the end of this iteration. Only on the loop.
    package func callAtIterationEnd(_ handler: any IterationEndHandler) {
        self.assertInEventLoop()
        self.confined.iterationEndHandlers.append(handler)
    }
}

// MARK: The thread

extension EventLoop {
    private func run() {
        self.threadIdentity.store(apus_thread_current(), ordering: .relaxed)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventCountMax)
        defer { events.deallocate() }
        var isStopping = false
        while !isStopping {
            let timeout = self.timeoutBeforeSleep()
            let count = apus_epoll_wait(self.epoll, events, Int32(Self.eventCountMax), timeout)
            precondition(count >= 0, "epoll_wait failed: \(SystemError.text(of: -count))")
            self.confined.now = MonotonicClock.now()
            for index in 0..<Int(count) {
                self.dispatch(token: apus_epoll_token(events + index), events: apus_epoll_events(events + index))
            }
            isStopping = self.iterate()
        }
        self.end()
    }

    /// What follows the ready descriptors in every iteration. Returns whether the loop is to end.
    func iterate() -> Bool {
        self.runTimers()
        let isStopping = self.runWork()
        self.runIterationEnd()
        return isStopping
    }

    private func dispatch(token: UInt64, events: UInt32) {
        guard token != Self.wakeToken, let entry = self.confined.registrations[Registration(token: token)] else {
            return
        }
        entry.handler.descriptorReady(Readiness(rawValue: events))
    }

    /// No more than wait when it begins: a timer that is set anew for this very moment comes in the next iteration.
    private func runTimers() {
        var rest = self.confined.timers.count
        while rest > 0, let action = self.confined.timers.popDue(self.confined.now) {
            action()
            rest -= 1
        }
    }

    /// Nanoseconds to sleep at most; -1 for ever, 0 where there is something to do.
    private func timeoutBeforeSleep() -> Int64 {
        guard self.confined.work.isEmpty, self.confined.iterationEndHandlers.isEmpty else { return 0 }
        var timeout: Int64 = -1
        if let earliest = self.confined.timers.earliest {
            let now = MonotonicClock.now()
            guard earliest > now else { return 0 }
            timeout = (earliest - now).nanoseconds
        }
        return self.beginWait() ? timeout : 0
    }

    /// From now on whoever adds work signals the loop. False where there is work already.
    func beginWait() -> Bool {
        self.inbox.withLock { inbox in
            if !inbox.work.isEmpty || !inbox.signals.isEmpty || inbox.isStopRequested { return false }
            inbox.isWakeNeeded = true
            return true
        }
    }

    /// Runs what was queued when it began. Returns whether the loop is to end.
    private func runWork() -> Bool {
        var batch: [Work] = []
        let isStopping = self.inbox.withLock { inbox in
            inbox.isWakeNeeded = false
            swap(&batch, &inbox.work)
            return inbox.isStopRequested
        }
        self.run(batch)
        guard !self.confined.work.isEmpty else { return isStopping }
        batch.removeAll()
        swap(&batch, &self.confined.work)
        self.run(batch)
        return isStopping
    }

    private func run(_ batch: [Work]) {
        for work in batch {
            if self.confined.hasHalted { return }
            work()
        }
    }

    /// A handler that asks again has its turn in the next iteration, which does not sleep.
    private func runIterationEnd() {
        guard !self.confined.iterationEndHandlers.isEmpty else { return }
        var handlers: [any IterationEndHandler] = []
        swap(&handlers, &self.confined.iterationEndHandlers)
        for handler in handlers {
            if self.confined.hasHalted { return }
            handler.iterationEnded()
        }
    }

    /// Runs what is still queued, then refuses more.
    private func end() {
        while true {
            _ = self.runWork()
            self.runIterationEnd()
            guard self.confined.work.isEmpty, self.confined.iterationEndHandlers.isEmpty else { continue }
            let hasEnded = self.inbox.withLock { inbox in
                inbox.hasEnded = inbox.work.isEmpty
                return inbox.hasEnded
            }
            if hasEnded { break }
        }
        self.confined.registrations.removeAll()
        self.confined.timers = TimerHeap()
        self.threadIdentity.store(0, ordering: .relaxed)
    }
}

// MARK: Turns of a virtual loop

extension EventLoop {
    func beginTurn() {
        precondition(self.threadIdentity.load(ordering: .relaxed) == 0, "a turn is not run within a turn")
        self.threadIdentity.store(apus_thread_current(), ordering: .relaxed)
    }

    func endTurn() {
        self.threadIdentity.store(0, ordering: .relaxed)
    }

    func takeSignals() -> [Registration] {
        self.inbox.withLock { inbox in
            var taken: [Registration] = []
            swap(&taken, &inbox.signals)
            return taken
        }
    }

    func post(_ registration: Registration) {
        let isAsleep = self.inbox.withLock { inbox in
            if inbox.hasEnded { return false }
            inbox.signals.append(registration)
            defer { inbox.isWakeNeeded = false }
            return inbox.isWakeNeeded
        }
        if isAsleep { self.wakeUp() }
    }

    /// Drops everything; nothing runs after this.
    private func halt() {
        let ended = self.inbox.withLock { inbox in
            let ended = inbox
            inbox = Inbox()
            inbox.hasEnded = true
            return ended
        }
        let dropped = self.confined.empty()
        // What is dropped may end other things, which may call the loop: it must be in order by then.
        withExtendedLifetime((ended, dropped)) {}
    }
}

extension EventLoop.Confined {
    /// Takes everything out for good.
    fileprivate func empty() -> [Any] {
        self.hasHalted = true
        let dropped: [Any] = [
            self.registrations, self.watches, self.timers, self.work, self.iterationEndHandlers,
        ]
        self.registrations = RegistrationTable()
        self.watches = VirtualWatches()
        self.timers = TimerHeap()
        self.work = []
        self.iterationEndHandlers = []
        return dropped
    }
}

// MARK: Timers

extension EventLoop {
    /// Runs `action` on the loop at `deadline` or soon after. Only on the loop.
    package func schedule(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
        self.assertInEventLoop()
        return self.confined.timers.insert(action, at: deadline)
    }

    /// Runs `action` on the loop once `interval` has passed. Only on the loop.
    package func schedule(after interval: Interval, _ action: @escaping () -> Void) -> TimerID {
        self.schedule(at: self.now + interval, action)
    }

    /// Does nothing where the timer has fired. Only on the loop.
    package func cancel(_ timer: TimerID) {
        self.assertInEventLoop()
        self.confined.timers.cancel(timer)
    }
}

// MARK: Descriptors

extension EventLoop {
    /// Watches `descriptor`, and keeps `handler`, until `deregister`. Only on the loop.
    package func register(
        _ descriptor: Int32, for interest: Interest, handler: any ReadinessHandler
    ) throws(SystemError) -> Registration {
        self.assertInEventLoop()
        precondition(self.clock.host == nil, "a virtual loop watches no descriptors")
        let entry = RegistrationTable.Entry(handler: handler, descriptor: descriptor, interest: interest)
        let registration = self.confined.registrations.insert(entry)
        let result = apus_epoll_control(
            self.epoll, EPOLL_CTL_ADD, descriptor, interest.rawValue, registration.token)
        if result < 0 {
            self.confined.registrations.remove(registration)
            throw SystemError(number: -result, operation: "epoll_ctl")
        }
        return registration
    }

    /// Changes what is watched for; costs nothing where nothing changes. Only on the loop.
    package func setInterest(_ interest: Interest, of registration: Registration) {
        self.assertInEventLoop()
        guard let entry = self.confined.registrations[registration], entry.interest != interest else { return }
        self.confined.registrations.setInterest(interest, of: registration)
        if self.clock.host != nil {
            self.confined.watches.mayBeReady(registration)
            return
        }
        let result = apus_epoll_control(
            self.epoll, EPOLL_CTL_MOD, entry.descriptor, interest.rawValue, registration.token)
        precondition(result >= 0, "epoll_ctl failed: \(SystemError.text(of: -result))")
    }

    /// Ends the watch, so that no event arrives after this call. Call it before the descriptor is closed. Only on the
    /// loop.
    package func deregister(_ registration: Registration) {
        self.assertInEventLoop()
        guard let entry = self.confined.registrations.remove(registration) else { return }
        if self.clock.host != nil {
            self.confined.watches.remove(registration)
            return
        }
        // A failure means that the descriptor was closed already, and with it the watch.
        _ = apus_epoll_control(self.epoll, EPOLL_CTL_DEL, entry.descriptor, 0, 0)
    }
}
