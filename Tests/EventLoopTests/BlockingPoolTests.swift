import EventLoop
import Synchronization
import Testing

@Suite("Blocking pool")
struct BlockingPoolTests {
    @Test("queued work runs before stop returns, and none is taken after it")
    func drains() throws {
        let pool = try BlockingPool(threadCount: 2)
        let count = Atomic<Int>(0)
        for _ in 0..<5_000 { pool.submit { count.add(1, ordering: .relaxed) } }
        pool.stop()
        #expect(count.load(ordering: .relaxed) == 5_000)
        #expect(pool.submit {} == false)
    }

    @Test("work beyond the bound is refused")
    func bounded() throws {
        let pool = try BlockingPool(threadCount: 1, capacity: 2)
        let gate = Mutex(())
        let started = Atomic<Bool>(false)
        let accepted = gate.withLock { _ in
            pool.submit {
                started.store(true, ordering: .sequentiallyConsistent)
                gate.withLock { _ in }
            }
            while !started.load(ordering: .sequentiallyConsistent) {}
            return (0..<3).map { _ in pool.submit {} }
        }
        #expect(accepted == [true, true, false])
        pool.stop()
    }
}
