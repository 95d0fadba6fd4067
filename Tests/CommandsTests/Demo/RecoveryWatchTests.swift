import ApusCore
import Commands
import Testing

@Suite("Watch over partitions that come back")
struct RecoveryWatchTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("counts from the begin of the harm to the first record that was begun after its end and stored")
    func recovery() {
        var watch = RecoveryWatch(partitionCount: 3, harmBegan: at(100), harmEnded: at(110))
        // A leader that is about to die may still have acknowledged this one.
        watch.succeeded(0, began: at(105), now: at(112))
        #expect(watch.writableCount == 0)
        watch.succeeded(0, began: at(111), now: at(150))
        watch.succeeded(1, began: at(120), now: at(400))
        watch.succeeded(1, began: at(410), now: at(420))
        #expect(watch.writableCount == 2)
        #expect(watch.untilHalf == .milliseconds(300))
        #expect(watch.untilAll == nil)
        watch.succeeded(2, began: at(130), now: at(350))
        #expect(watch.untilHalf == .milliseconds(250))
        #expect(watch.untilAll == .milliseconds(300))
    }
}
