import ApusCore
package import EventLoop
import LogStorage
import Replication
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

    /// Pays the partition's flush debt, until there is none; then `completion` is called on the same thread.
    ///
    /// A failure takes the log directory out of service, and with it whoever waits.
    func payFlushDebt(
        of partition: Partition, services: BrokerServices, completion: @escaping @Sendable () -> Void = {}
    ) {
        self.perform {
            var effects = ReplicaEffects()
            do {
                while try partition.payFlushDebt(now: services.clock.monotonic, effects: &effects) {
                    services.carryOut(&effects, of: partition)
                }
                services.carryOut(&effects, of: partition)
                completion()
            } catch {
                self.log.error(
                    "cannot flush a log",
                    ["partition": LogValue(partition.topicPartition), "error": LogValue("\(error)")])
                self.failures.report(partition)
            }
        }
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
