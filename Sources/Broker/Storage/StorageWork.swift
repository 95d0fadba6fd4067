import ApusCore
package import EventLoop
import LogStorage
package import Telemetry

/// Work on logs that may wait for the disk, on threads that may.
package final class StorageWork: Sendable {
    private let pool: BlockingPool
    private let log: Logger
    package let failures = LogFailures()

    package init(pool: BlockingPool, log: Logger) {
        self.pool = pool
        self.log = log
    }

    /// Runs `work` on some thread, soon; on the caller's where the queue is full, which slows the caller down.
    package func perform(_ work: @escaping @Sendable () -> Void) {
        if !self.pool.submit(work) { work() }
    }

    /// Brings everything that the partition has appended so far to the disk, without holding its lock meanwhile.
    ///
    /// A failure takes the log directory out of service: what its files hold is unknown then.
    func flush(_ partition: Partition) {
        self.perform {
            do {
                try partition.flush()
            } catch {
                self.log.error(
                    "cannot flush a log",
                    ["partition": LogValue(partition.topicPartition), "error": LogValue("\(error)")])
                self.failures.report(partition)
            }
        }
    }
}
