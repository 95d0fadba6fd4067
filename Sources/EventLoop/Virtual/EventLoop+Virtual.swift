package import ApusCore
import CSystem

/// A loop without a thread: a scheduler gives it its turns, in virtual time.
///
/// A turn is one iteration of a loop with a thread, in the same order: what is ready, due timers, queued work, and the
/// iteration-end handlers. Only what is asked of the system differs.
extension EventLoop {
    /// Runs one iteration; the loop is the current one until it returns. Only on a virtual loop, never within a turn.
    ///
    /// - Returns: when the loop wants its next turn unless it is woken before: now where there is something to do, at
    ///   its earliest timer, or nil where it waits for `wake`.
    package func turn() -> Instant? {
        guard let host = self.clock.host else { preconditionFailure("a loop with a thread takes its turns itself") }
        guard !self.confined.hasHalted else { return nil }
        self.beginTurn()
        self.confined.now = host.now
        self.dispatchSources()
        _ = self.iterate()
        self.endTurn()
        return self.nextTurn()
    }

    /// Whether a virtual loop was stopped.
    package var hasHalted: Bool { self.clock.host != nil && self.confined.hasHalted }

    private func dispatchSources() {
        for registration in self.takeSignals() { self.confined.watches.mayBeReady(registration) }
        for registration in self.confined.watches.takeCandidates() {
            guard !self.confined.hasHalted else { return }
            let seen = self.visible(registration)
            guard !seen.isEmpty else { continue }
            self.confined.registrations[registration]?.handler.descriptorReady(seen)
            // What was not dealt with is reported again.
            if !self.visible(registration).isEmpty { self.confined.watches.mayBeReady(registration) }
        }
    }

    /// What a registration would be told now.
    private func visible(_ registration: Registration) -> Readiness {
        guard let entry = self.confined.registrations[registration], let source = self.confined.watches[registration]
        else { return [] }
        return source.readiness.intersection(Readiness(rawValue: entry.interest.rawValue).union(.broken))
    }

    private func nextTurn() -> Instant? {
        guard !self.confined.hasHalted else { return nil }
        guard self.confined.work.isEmpty, self.confined.iterationEndHandlers.isEmpty,
            !self.confined.watches.hasCandidates, self.beginWait()
        else { return self.confined.now }
        return self.confined.timers.earliest
    }

    /// Watches `source`, and keeps it and `handler`, until `deregister`. Only in a turn of a virtual loop.
    package func register(
        _ source: any VirtualSource, for interest: Interest, handler: any ReadinessHandler
    ) -> Registration {
        self.assertInEventLoop()
        precondition(self.clock.host != nil, "a loop with a thread watches descriptors")
        let entry = RegistrationTable.Entry(handler: handler, descriptor: -1, interest: interest)
        let registration = self.confined.registrations.insert(entry)
        self.confined.watches.add(source, as: registration)
        self.confined.watches.mayBeReady(registration)
        return registration
    }

    /// What the source of `registration` has to show may have grown: the loop looks at it. From anywhere.
    package func signal(_ registration: Registration) {
        if self.isInEventLoop {
            self.confined.watches.mayBeReady(registration)
        } else {
            self.post(registration)
        }
    }
}
