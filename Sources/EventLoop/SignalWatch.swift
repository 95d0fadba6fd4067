import CSystem
import Glibc

/// A signal the process reacts to.
package enum ProcessSignal: Int32, CaseIterable, Sendable {
    /// Asks for an orderly end: SIGTERM.
    case terminate = 15
    /// Asks for an orderly end from a terminal: SIGINT.
    case interrupt = 2
    /// Asks for reloading what can be reloaded: SIGHUP.
    case hangUp = 1

    /// Takes the signals away from their default action, in this thread and in threads it starts: call it first thing
    /// in `main`, before any loop or pool. SIGPIPE is ignored from then on.
    package static func takeOver() throws(SystemError) {
        apus_signal_ignore(SIGPIPE)
        let numbers = Self.allCases.map(\.rawValue)
        _ = try SystemError.check(apus_signal_block(numbers, Int32(numbers.count)), "pthread_sigmask")
    }
}

/// Reports signals on a loop. They must have been taken over before.
package final class SignalWatch: ReadinessHandler {
    private let descriptor: Int32
    private let report: @Sendable (ProcessSignal) -> Void

    private init(descriptor: Int32, report: @escaping @Sendable (ProcessSignal) -> Void) {
        self.descriptor = descriptor
        self.report = report
    }

    deinit {
        _ = apus_close(self.descriptor)
    }

    /// Calls `report` on `loop` for every signal until the loop ends. Only on the loop.
    package static func begin(
        on loop: EventLoop, report: @escaping @Sendable (ProcessSignal) -> Void
    ) throws(SystemError) {
        let numbers = ProcessSignal.allCases.map(\.rawValue)
        let descriptor = try SystemError.check(apus_signalfd(numbers, Int32(numbers.count)), "signalfd")
        let watch = SignalWatch(descriptor: descriptor, report: report)
        _ = try loop.register(descriptor, for: .readable, handler: watch)
    }

    package func descriptorReady(_ readiness: Readiness) {
        while true {
            let number = apus_signalfd_read(self.descriptor)
            guard number > 0 else { return }
            if let signal = ProcessSignal(rawValue: number) { self.report(signal) }
        }
    }
}
