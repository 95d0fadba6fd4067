import EventLoop
import Glibc
import Synchronization

/// Whether somebody asked this process to end.
package final class Interruption: Sendable {
    private let loop: EventLoop
    private let hasCome = Atomic<Bool>(false)

    /// Looks for SIGINT and SIGTERM from now on. On the main thread, before any other thread is started.
    ///
    /// - Throws: `system`.
    package init() throws(ChaosError) {
        do throws(SystemError) {
            try ProcessSignal.takeOver()
            self.loop = try EventLoop(name: "signals")
            try self.loop.start()
        } catch {
            throw ChaosError(.system, "\(error)")
        }
        self.loop.execute {
            do throws(SystemError) {
                try SignalWatch.begin(on: self.loop) { signal in
                    if signal != .hangUp { self.hasCome.store(true, ordering: .relaxed) }
                }
            } catch {
                // Without the watch the process could not be ended in an orderly way: better not at all.
                self.hasCome.store(true, ordering: .relaxed)
            }
        }
    }

    package func stop() {
        self.loop.stop()
        self.loop.join()
    }

    /// - Throws: `interrupted`.
    package func check() throws(ChaosError) {
        if self.hasCome.load(ordering: .relaxed) { throw ChaosError(.interrupted, "interrupted") }
    }

    /// Looks at `condition` every few milliseconds until it holds.
    ///
    /// - Returns: false where the time ran out first.
    /// - Throws: `interrupted`, and what the condition throws.
    package func wait(seconds: Double, until condition: () throws(ChaosError) -> Bool) throws(ChaosError) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            try self.check()
            if try condition() { return true }
            if ContinuousClock.now >= deadline { return false }
            usleep(2000)
        }
    }
}
