package import ApusCore
import EventLoop
import KafkaPrimitives
import KafkaProtocol
package import KafkaRecords
import Networking

/// Writes records to the leaders of their partitions, in batches, again and again until they are stored, refused or too
/// late.
///
/// Everything happens on the cluster's loop: `append` and `flush` are called there, and the handler is. A partition's
/// batches are sent one at a time, many partitions share a request, and what was appended in one iteration of the loop
/// leaves together.
package final class Producer: ClusterObserver, IterationEndHandler, @unchecked Sendable {
    // Unchecked: everything is touched on the loop only; every entry point asserts that.
    package let cluster: ClusterClient
    package let configuration: ProducerConfiguration
    weak var handler: (any ProducerHandler)?
    let loop: EventLoop
    let scratch = CompressionScratch()

    private struct Topic {
        var partitions: [PartitionIndex: ProducerPartition] = [:]
    }

    private var topics: [String: Topic] = [:]
    /// Partitions with something to send; those in flight are not among them.
    var active: [ProducerPartition] = []
    var requestsInFlight: [NodeID: Int] = [:]
    let late: LateRequestWatch
    /// Bytes of all batches that have not ended.
    package internal(set) var bufferedBytes = 0
    /// Batches that have not ended.
    private(set) var batchCount = 0
    private var hasRefusedRoom = false
    private var isDrainScheduled = false
    let wake: WakeTimer
    var producerID: ProducerID?
    var producerEpoch: ProducerEpoch = 0
    private var isAskingForID = false
    private var flushes: [() -> Void] = []
    private(set) var isClosed = false

    /// - Parameter cluster: for this producer alone: its connections carry nothing else.
    /// - Throws: `invalidArgument` for a configuration that contradicts itself.
    package init(
        _ configuration: ProducerConfiguration, cluster: ClusterClient, handler: any ProducerHandler
    ) throws(ClientError) {
        self.configuration = try configuration.checked()
        self.cluster = cluster
        self.late = LateRequestWatch(cluster: cluster)
        self.loop = cluster.loop
        self.wake = WakeTimer(loop: cluster.loop)
        self.handler = handler
    }

    /// Begins to look for leaders. Only on the loop, once.
    package func start() {
        self.loop.assertInEventLoop()
        self.cluster.observe(self)
        if self.configuration.isIdempotent { self.askForID() }
    }

    /// The partition as `append` takes it. Whether it exists is seen when its records are sent.
    package func partition(_ topic: String, _ index: PartitionIndex) -> ProducerPartition {
        self.loop.assertInEventLoop()
        if let known = self.topics[topic]?.partitions[index] { return known }
        let partition = ProducerPartition(topic: topic, index: index)
        self.topics[topic, default: Topic()].partitions[index] = partition
        self.cluster.track(topic)
        return partition
    }

    /// Adds a record, copied, to the partition's batch.
    ///
    /// - Returns: false where there is no room: the record was not taken, and `producerHasRoom` follows.
    package func append(
        to partition: ProducerPartition, timestamp: Timestamp, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?, headers: [RecordHeader] = []
    ) -> Bool {
        self.loop.assertInEventLoop()
        guard self.bufferedBytes < self.configuration.bufferedBytesMax, !self.isClosed else {
            self.hasRefusedRoom = true
            return false
        }
        let size = (key?.count ?? 0) + (value?.count ?? 0)
        let batch: ProducerBatch
        if let open = partition.openBatch(for: size, limit: self.configuration.batchBytesMax) {
            batch = open
        } else {
            batch = ProducerBatch(
                began: self.loop.now, compression: self.configuration.compression,
                capacity: min(partition.bytesExpected + size + 64, self.configuration.batchBytesMax + size + 64))
            partition.batches.append(batch)
            self.batchCount += 1
        }
        let before = batch.bytes
        batch.append(timestamp: timestamp, key: key, value: value, headers: headers)
        self.bufferedBytes += batch.bytes - before
        if !partition.isActive, !partition.isInFlight {
            partition.isActive = true
            self.active.append(partition)
            self.scheduleDrain()
        } else if partition.batches.count == 1, batch.bytes >= self.configuration.batchBytesMax {
            self.scheduleDrain()
        }
        return true
    }

    /// Sends what has been appended without waiting for more, and calls `completion` when all of it has ended.
    package func flush(_ completion: @escaping () -> Void) {
        self.loop.assertInEventLoop()
        guard self.batchCount > 0 else { return completion() }
        self.flushes.append(completion)
        for topic in self.topics.values {
            for partition in topic.partitions.values {
                if let last = partition.batches.last, !last.isClosed { partition.close(last) }
            }
        }
        self.scheduleDrain()
    }

    /// Takes no more records; what is not acknowledged yet ends as `unknown` or `refused`.
    package func close() {
        self.loop.assertInEventLoop()
        guard !self.isClosed else { return }
        self.isClosed = true
        self.wake.cancel()
        for name in self.topics.keys.sorted() {
            let partitions = self.topics[name]?.partitions.values.sorted { $0.index < $1.index } ?? []
            for partition in partitions {
                while let batch = partition.batches.first {
                    let mayBeStored = batch.isUncertain || partition.isInFlight
                    partition.isInFlight = false
                    self.end(partition, mayBeStored ? .unknown(.networkException) : .refused(.networkException))
                }
            }
        }
    }

    // MARK: The ends of batches

    /// The first batch of the partition has ended.
    func end(_ partition: ProducerPartition, _ outcome: DeliveryOutcome) {
        let batch = partition.batches.removeFirst()
        self.batchCount -= 1
        self.bufferedBytes -= batch.bytes
        switch outcome {
        case .stored: partition.identity?.advance(by: Int32(batch.recordCount))
        case .refused, .unknown: if batch.attempts > 0 { self.renewIdentity(of: partition) }
        }
        self.handler?.delivered(
            Delivery(
                topic: partition.topic, partition: partition.index, recordCount: batch.recordCount, bytes: batch.bytes,
                outcome: outcome, began: batch.began, ended: self.loop.now, attempts: batch.attempts))
        if self.batchCount == 0 {
            let flushes = self.flushes
            self.flushes = []
            for completion in flushes { completion() }
        }
        if self.hasRefusedRoom, self.bufferedBytes <= self.configuration.bufferedBytesMax / 4 * 3, !self.isClosed {
            self.hasRefusedRoom = false
            self.handler?.producerHasRoom()
        }
    }

    /// Whether a partition's batch need not linger.
    var isFlushing: Bool { !self.flushes.isEmpty }

    // MARK: Who the producer is

    /// Gives the partition an identity in which sequences begin anew.
    func renewIdentity(of partition: ProducerPartition) {
        guard let identity = partition.identity else { return }
        partition.identity = identity.successor
        if partition.identity == nil, identity.id == self.producerID {
            self.producerID = nil
            self.askForID()
        }
    }

    private func askForID() {
        guard !self.isAskingForID else { return }
        self.isAskingForID = true
        var request = InitProducerIdRequest()
        request.transactionalId = nil
        request.transactionTimeoutMs = Int32.max
        self.cluster.ask(request, of: .anyBroker, deadline: .distantFuture) { [weak self] result in
            guard let self, !self.isClosed else { return }
            self.isAskingForID = false
            if case .success(let response) = result, response.errorCode == .noError {
                self.producerID = response.producerId
                self.producerEpoch = response.producerEpoch
                self.scheduleDrain()
            } else {
                // The controller may just be changing; batches end by their own timeout if it stays so.
                _ = self.loop.schedule(after: .milliseconds(50)) { [weak self] in self?.askForID() }
            }
        }
    }

    // MARK: When to send

    package func clusterChanged() {
        self.scheduleDrain()
    }

    func scheduleDrain() {
        guard !self.isDrainScheduled, !self.isClosed else { return }
        self.isDrainScheduled = true
        self.loop.callAtIterationEnd(self)
    }

    package func iterationEnded() {
        self.isDrainScheduled = false
        guard !self.isClosed else { return }
        self.drain()
    }
}
