import ApusCore
import EventLoop

/// One wake-up ahead at most. Only on the loop.
final class WakeTimer {
    private let loop: EventLoop
    private var scheduled: (timer: TimerID, at: Instant)?

    init(loop: EventLoop) {
        self.loop = loop
    }

    /// Calls `wake` at `next`, unless it is called earlier anyway; with nil it is not called at all.
    func schedule(_ next: Instant?, _ wake: @escaping () -> Void) {
        if let scheduled = self.scheduled {
            if let next, scheduled.at <= next { return }
            self.cancel()
        }
        guard let next else { return }
        let timer = self.loop.schedule(at: next) { [weak self] in
            self?.scheduled = nil
            wake()
        }
        self.scheduled = (timer, next)
    }

    func cancel() {
        if let scheduled = self.scheduled { self.loop.cancel(scheduled.timer) }
        self.scheduled = nil
    }
}
