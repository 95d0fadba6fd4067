package import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import Networking

/// Reads partitions from given positions on. Groups are not its business.
///
/// Everything happens on the cluster's loop. Each broker has one fetch under way at most, for all partitions that are
/// read from it; the next one leaves before the batches of the last are handed over.
package final class Consumer: ClusterObserver, IterationEndHandler, @unchecked Sendable {
    // Unchecked: everything is touched on the loop only; every entry point asserts that.
    package let cluster: ClusterClient
    package let configuration: ConsumerConfiguration
    weak var handler: (any ConsumerHandler)?
    let loop: EventLoop
    let scratch = CompressionScratch()
    /// In the order of topic and index.
    var partitions: [ConsumerPartition] = []
    var busyNodes: Set<NodeID> = []
    let late: LateRequestWatch
    private var isDriveScheduled = false
    let wake: WakeTimer
    private(set) var isClosed = false

    /// - Parameter cluster: for this consumer alone: its connections carry nothing else.
    package init(_ configuration: ConsumerConfiguration, cluster: ClusterClient, handler: any ConsumerHandler) {
        self.configuration = configuration
        self.cluster = cluster
        self.late = LateRequestWatch(cluster: cluster)
        self.loop = cluster.loop
        self.wake = WakeTimer(loop: cluster.loop)
        self.handler = handler
    }

    /// Reads these partitions from now on, and no others. Only on the loop.
    package func assign(_ starts: [TopicPartition: StartPosition]) {
        self.loop.assertInEventLoop()
        self.cluster.observe(self)
        for partition in self.partitions { partition.hasFailed = true }
        self.partitions = starts.sorted { $0.key < $1.key }.map { key, start in
            ConsumerPartition(topic: key.topic, index: key.partition, start: start)
        }
        for topic in Set(starts.keys.map(\.topic)).sorted() { self.cluster.track(topic) }
        self.scheduleDrive()
    }

    /// Fetches nothing more from a partition until `resume`. What is under way is still delivered. Only on the loop.
    package func pause(_ topic: String, _ index: PartitionIndex) {
        self.loop.assertInEventLoop()
        for partition in self.partitions where partition.topic == topic && partition.index == index {
            partition.isPaused = true
        }
    }

    /// Only on the loop.
    package func resume(_ topic: String, _ index: PartitionIndex) {
        self.loop.assertInEventLoop()
        for partition in self.partitions where partition.topic == topic && partition.index == index {
            partition.isPaused = false
        }
        self.scheduleDrive()
    }

    /// Delivers nothing any more. Only on the loop.
    package func close() {
        self.loop.assertInEventLoop()
        self.isClosed = true
        for partition in self.partitions { partition.hasFailed = true }
        self.partitions = []
        self.wake.cancel()
    }

    package func clusterChanged() {
        self.scheduleDrive()
    }

    func scheduleDrive() {
        guard !self.isDriveScheduled, !self.isClosed else { return }
        self.isDriveScheduled = true
        self.loop.callAtIterationEnd(self)
    }

    package func iterationEnded() {
        self.isDriveScheduled = false
        if !self.isClosed { self.drive() }
    }

    func notice(_ event: ConsumerEvent, _ partition: ConsumerPartition) {
        self.handler?.noticed(event, topic: partition.topic, partition: partition.index)
    }

    func fail(_ partition: ConsumerPartition, _ error: ClientError) {
        partition.hasFailed = true
        self.notice(.failed(error), partition)
    }

    /// The position is not in the log.
    func reset(_ partition: ConsumerPartition) {
        let position = partition.position
        partition.lastEpoch = .unknown
        switch self.configuration.reset {
        case .earliest: partition.start = .earliest
        case .latest: partition.start = .latest
        case .none:
            partition.hasFailed = true
            self.notice(.outOfRange(position), partition)
            return
        }
        self.notice(.reset(from: position), partition)
    }

    /// Decides about a partition after a refusal. Returns whether there was none.
    func accept(
        _ code: ErrorCode, _ partition: ConsumerPartition, hint: (leader: NodeID, epoch: LeaderEpoch)? = nil
    ) -> Bool {
        let now = self.loop.now
        partition.retryAt = nil
        switch FetchDecision(code) {
        case .proceed:
            partition.refusedEpoch = nil
            return true
        case .retry:
            partition.retryAt = now + self.configuration.retryBackoff
        case .reset where partition.preferred != nil:
            // A follower may lag behind; the leader's word counts.
            partition.preferred = nil
        case .reset:
            self.reset(partition)
        case .findLeader:
            let wasFollower = partition.preferred != nil
            partition.preferred = nil
            if let hint,
                self.cluster.learn(leader: hint.leader, epoch: hint.epoch, of: partition.topic, partition.index)
            {
                break
            }
            partition.retryAt = now + self.configuration.retryBackoff
            if !wasFollower {
                partition.refusedEpoch = self.cluster.metadata.partition(partition.topic, partition.index)?.leaderEpoch
            }
            self.cluster.requestRefresh()
        case .fail:
            self.fail(partition, .refused(code, nil, "reading \(partition.topic)-\(partition.index)"))
        }
        return false
    }
}
