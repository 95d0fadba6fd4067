import EventLoop

/// Runs a body on a thread of its own.
final class Thread {
    private let pool: BlockingPool?

    init(_ body: @escaping @Sendable () -> Void) {
        do {
            self.pool = try BlockingPool(threadCount: 1)
        } catch {
            self.pool = nil
        }
        self.pool?.submit(body)
    }

    func join() { self.pool?.stop() }
}
