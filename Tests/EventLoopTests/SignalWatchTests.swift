import EventLoop
import Glibc
import Synchronization
import Testing

@Suite("Signals")
struct SignalWatchTests {
    @Test("a signal that was taken over is reported on the loop and ends nothing")
    func reported() throws {
        let loop = try EventLoop(name: "test")
        let seen = Mutex<[ProcessSignal]>([])
        let failure = Mutex<SystemError?>(nil)
        loop.execute {
            do throws(SystemError) {
                // Blocked and sent on the loop's own thread, so that the rest of the process is left alone.
                try ProcessSignal.takeOver()
                try SignalWatch.begin(on: loop) { signal in
                    seen.withLock { $0.append(signal) }
                    if signal == .hangUp { loop.stop() }
                }
                pthread_kill(pthread_self(), SIGTERM)
                loop.execute { pthread_kill(pthread_self(), SIGHUP) }
            } catch {
                failure.withLock { $0 = error }
                loop.stop()
            }
        }
        try loop.start()
        loop.join()
        #expect(failure.withLock { $0 } == nil)
        #expect(Set(seen.withLock { $0 }) == [.terminate, .hangUp])
    }
}
