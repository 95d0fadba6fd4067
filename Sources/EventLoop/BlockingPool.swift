import CSystem
import Glibc
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
    // Unsafe: the pointer never changes, and a semaphore is made for use by several threads.
    private nonisolated(unsafe) let available: UnsafeMutablePointer<sem_t>

    package init(threadCount: Int, capacity: Int = 65_536, name: String = "blocking") throws(SystemError) {
        precondition(threadCount > 0 && capacity > 0)
        self.capacity = capacity
        self.host = nil
        self.available = Self.makeSemaphore()
        for index in 0..<threadCount {
            let thread = try WorkerThread(name: "\(name)-\(index)") { self.run() }
            self.queue.withLock { $0.threads.append(thread) }
        }
    }

    /// A pool without threads: `host` runs what is submitted.
    package init(host: any VirtualHost) {
        self.capacity = .max
        self.host = host
        self.available = Self.makeSemaphore()
    }

    private static func makeSemaphore() -> UnsafeMutablePointer<sem_t> {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        let result = sem_init(semaphore, 0, 0)
        precondition(result == 0, "a semaphore with a count of 0 can always be made")
        return semaphore
    }

    deinit {
        sem_destroy(self.available)
        self.available.deallocate()
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
        if isAccepted { sem_post(self.available) }
        return isAccepted
    }

    /// Refuses new work, runs what is queued, and waits for the threads. Not on a thread of the pool.
    package func stop() {
        let threads = self.queue.withLock { queue in
            queue.isStopping = true
            return queue.threads
        }
        for _ in threads { sem_post(self.available) }
        for thread in threads { thread.join() }
    }

    private func run() {
        while true {
            while sem_wait(self.available) != 0 {}
            let (work, isStopping) = self.queue.withLock { ($0.pop(), $0.isStopping) }
            if let work {
                work()
            } else if isStopping {
                return
            }
        }
    }
}
