import Synchronization

/// A few threads for work that may wait: for the disk, or for a name to be looked up.
///
/// The queue is bounded; work that does not fit is refused, so that a stuck disk becomes visible to the caller.
package final class BlockingPool: Sendable {
    private struct Queue {
        var work: [@Sendable () -> Void] = []
        var head = 0
        var isStopping = false
        var threads: [WorkerThread] = []

        mutating func pop() -> (@Sendable () -> Void)? {
            guard self.head < self.work.count else { return nil }
            let next = self.work[self.head]
            self.head += 1
            if self.head == self.work.count {
                self.work.removeAll(keepingCapacity: self.head <= 1024)
                self.head = 0
            } else if self.head >= 1024, self.head * 2 >= self.work.count {
                self.work.removeFirst(self.head)
                self.head = 0
            }
            return next
        }
    }

    /// Pieces of work that may wait at once.
    package let capacity: Int
    /// Runs the work in place of threads, in virtual time.
    private let host: (any VirtualHost)?
    private let queue = Mutex(Queue())
    private let available = ThreadSignal()

    package init(threadCount: Int, capacity: Int = 65_536, name: String = "blocking") throws(SystemError) {
        precondition(threadCount > 0 && capacity > 0)
        self.capacity = capacity
        self.host = nil
        for index in 0..<threadCount {
            let thread = try WorkerThread(name: "\(name)-\(index)") { self.run() }
            self.queue.withLock { $0.threads.append(thread) }
        }
    }

    /// A pool without threads: `host` runs what is submitted.
    package init(host: any VirtualHost) {
        self.capacity = .max
        self.host = host
    }

    /// Runs `work` on some thread of the pool, begun in order of submission.
    ///
    /// - Returns: whether it will run; false where the queue is full or the pool was stopped.
    @discardableResult
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        if let host = self.host {
            guard !self.queue.withLock({ $0.isStopping }) else { return false }
            return host.submit(work)
        }
        let isAccepted = self.queue.withLock { queue in
            guard !queue.isStopping, queue.work.count - queue.head < self.capacity else { return false }
            queue.work.append(work)
            return true
        }
        if isAccepted { self.available.signal() }
        return isAccepted
    }

    /// Refuses new work, runs what is queued, and waits for the threads. Not on a thread of the pool.
    package func stop() {
        let threads = self.queue.withLock { queue in
            queue.isStopping = true
            return queue.threads
        }
        for _ in threads { self.available.signal() }
        for thread in threads { thread.join() }
    }

    private func run() {
        while true {
            self.available.wait()
            let (work, isStopping) = self.queue.withLock { ($0.pop(), $0.isStopping) }
            if let work {
                work()
            } else if isStopping {
                return
            }
        }
    }
}
