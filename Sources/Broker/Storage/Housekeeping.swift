import ApusCore
import Configuration
import EventLoop
import LogStorage
import Replication
import Telemetry

/// What has to be done to all logs from time to time: checkpoints, flushes by time, retention, and the replicas' own
/// clocks. Runs on the storage loop, which may wait for the disk.
final class Housekeeping: Sendable {
    private let loop: EventLoop
    private let services: BrokerServices
    private let store: LogStore
    // Unsafe, all three: only the storage loop touches them, in its timers and where that is asserted.
    private nonisolated(unsafe) var lastCheckpoints: [TopicIDPartition: PartitionCheckpoint] = [:]
    /// When replicas with a `flush.ms` were flushed last, or looked at first.
    private nonisolated(unsafe) var lastFlushes: [TopicIDPartition: Instant] = [:]
    private nonisolated(unsafe) var isStopped = false

    init(loop: EventLoop, services: BrokerServices, store: LogStore) {
        self.loop = loop
        self.services = services
        self.store = store
    }

    func start() {
        let replication = self.services.configuration.replication
        self.repeating(every: replication.highWatermarkCheckpointInterval) { self.checkpoint() }
        self.repeating(every: Interval(nanoseconds: replication.lagTimeMax.nanoseconds / 2)) { self.tick() }
        self.repeating(every: self.services.configuration.log.retentionCheckInterval) { self.retain() }
        self.repeating(every: min(self.services.configuration.log.flushCheckInterval, Self.flushCheckIntervalMax)) {
            self.flushByTime()
        }
    }

    func stop() {
        self.loop.assertInEventLoop()
        self.isStopped = true
    }

    private func repeating(every interval: Interval, _ work: @escaping @Sendable () -> Void) {
        self.loop.execute {
            _ = self.loop.schedule(after: interval) {
                guard !self.isStopped else { return }
                work()
                self.repeating(every: interval, work)
            }
        }
    }

    /// Writes the checkpoints where anything has changed since the last time, so that an idle broker writes nothing.
    func checkpoint() {
        self.loop.assertInEventLoop()
        let partitions = self.services.replicas.all
        var checkpoints: [TopicIDPartition: PartitionCheckpoint] = [:]
        for partition in partitions { checkpoints[partition.id] = partition.checkpoint }
        guard checkpoints != self.lastCheckpoints else { return }
        do {
            try self.store.writeCheckpoints(partitions)
            self.lastCheckpoints = checkpoints
        } catch {
            self.services.log.error("cannot write the checkpoints", ["error": LogValue(error)])
            self.services.storageWork.failures.report(nil)
        }
    }

    /// How late a flush by `flush.ms` may be. Kafka's default of `log.flush.scheduler.interval.ms`, never, would leave
    /// `flush.ms` without effect.
    private static let flushCheckIntervalMax = Interval.milliseconds(500)

    /// Flushes what has gone unflushed for the topic's `flush.ms`, on threads that may wait for the disk.
    private func flushByTime() {
        let now = self.loop.now
        var flushed: [TopicIDPartition: Instant] = [:]
        for (partition, interval) in self.services.replicas.flushedByTime where !self.store.isFailed(partition.id) {
            let last = self.lastFlushes[partition.id] ?? now
            flushed[partition.id] = last
            guard now >= last + interval else { continue }
            flushed[partition.id] = now
            if partition.hasUnflushedRecords { self.services.storageWork.flush(partition) }
        }
        self.lastFlushes = flushed
    }

    private func tick() {
        var effects = ReplicaEffects()
        for partition in self.services.replicas.all {
            partition.tick(now: self.loop.now, effects: &effects)
            self.services.carryOut(&effects, of: partition)
        }
    }

    private func retain() {
        if let delay = self.services.configuration.log.strayDeleteDelay {
            do throws(LogError) {
                try self.store.removeStrays(before: self.loop.clock.wall - delay.milliseconds)
            } catch {
                self.services.log.error("cannot look for stray folders", ["error": LogValue(error)])
                self.services.storageWork.failures.report(nil)
            }
        }
        var effects = ReplicaEffects()
        for partition in self.services.replicas.all where !self.store.isFailed(partition.id) {
            do {
                let result = try partition.retain(now: self.loop.now, time: self.loop.clock.wall, effects: &effects)
                self.services.carryOut(&effects, of: partition)
                try result.removable?.perform()
                if result.hasRolled { try partition.flush() }
                if result.deletedSegments > 0 {
                    self.services.log.info(
                        "deleted old segments",
                        ["partition": LogValue(partition.topicPartition), "segments": LogValue(result.deletedSegments)])
                }
            } catch {
                self.services.log.error(
                    "cannot apply retention",
                    ["partition": LogValue(partition.topicPartition), "error": LogValue(error)])
                self.services.storageWork.failures.report(partition)
            }
        }
    }
}
