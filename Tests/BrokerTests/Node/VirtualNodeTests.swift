import ApusCore
import Broker
import ClusterMetadata
import EventLoop
import KafkaClient
import KafkaPrimitives
import KafkaRecords
import LogStorage
import Networking
import Raft
import Testing

@Suite struct VirtualNodeTests {
    /// Produces values and notes what became of each.
    final class Writer: ProducerHandler, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var outcomes: [String] = []

        func delivered(_ delivery: Delivery) { self.outcomes.append("\(delivery.outcome)") }

        func producerHasRoom() {}
    }

    final class Reader: ConsumerHandler, @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var offsets: [Offset] = []

        func received(_ batch: FetchedBatch) {
            let header = batch.batch.header
            for delta in 0..<Int64(header.recordCount) { self.offsets.append(header.baseOffset + delta) }
        }

        func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {}
    }

    private func produce(_ values: [String], to test: TestNode) throws -> [String] {
        let (cluster, writer) = (test.client(), Writer())
        let producer = try Producer(ProducerConfiguration(), cluster: cluster, handler: writer)
        let done = TestNode.Flag()
        cluster.loop.execute {
            producer.start()
            let partition = producer.partition("events", 0)
            for value in values {
                Array(value.utf8).withUnsafeBytes { bytes in
                    _ = producer.append(to: partition, timestamp: cluster.loop.clock.wall, key: nil, value: bytes)
                }
            }
            producer.flush { done.isSet = true }
        }
        #expect(test.machine.run { done.isSet })
        return writer.outcomes
    }

    private func fetch(_ count: Int, from test: TestNode) -> [Offset] {
        let (cluster, reader) = (test.client(), Reader())
        let consumer = Consumer(ConsumerConfiguration(), cluster: cluster, handler: reader)
        cluster.loop.execute { consumer.assign([TopicPartition(topic: "events", partition: 0): .earliest]) }
        _ = test.machine.run { reader.offsets.count >= count }
        let closed = TestNode.Flag()
        cluster.loop.execute {
            consumer.close()
            closed.isSet = true
        }
        #expect(test.machine.run { closed.isSet })
        return reader.offsets
    }

    /// A life of a node: it is started, used, and leaves.
    private func history(seed: UInt64) throws -> [String] {
        let test = try TestNode(seed: seed)
        try test.start()
        #expect(test.runUntilServing())
        #expect(try test.createTopic("events") == .noError)
        #expect(try self.produce(["a", "b", "c"], to: test).count == 1)
        #expect(self.fetch(3, from: test) == [0, 1, 2])
        #expect(test.shutDown() == true)
        #expect(!test.hasHalted)
        return test.machine.turns
    }

    @Test func `a node serves and leaves in virtual time, and one seed is one sequence of turns`() throws {
        let first = try self.history(seed: 1)
        let second = try self.history(seed: 1)
        #expect(first.count > 50)
        #expect(first == second)
        #expect(try self.history(seed: 2) != first)
    }

    @Test func `what was acknowledged is there after a clean end, and after a kill`() throws {
        let test = try TestNode(seed: 3)
        try test.start()
        #expect(test.runUntilServing())
        #expect(try test.createTopic("events") == .noError)
        _ = try self.produce(["a", "b"], to: test)
        #expect(test.shutDown() == true)
        try test.start()
        #expect(test.runUntilServing())
        _ = try self.produce(["c"], to: test)
        test.kill()
        try test.start()
        #expect(test.runUntilServing())
        #expect(self.fetch(3, from: test) == [0, 1, 2])
    }

    @Test func `records too large for a copy leave a disk without descriptors`() throws {
        let test = try TestNode(seed: 4)
        try test.start()
        #expect(test.runUntilServing())
        #expect(try test.createTopic("events") == .noError)
        let large = String(repeating: "x", count: 300_000)
        _ = try self.produce([large, large], to: test)
        #expect(self.fetch(2, from: test) == [0, 1])
    }

    @Test func `the figures of a node say what it leads and what is committed`() throws {
        let test = try TestNode(seed: 5)
        try test.start()
        #expect(test.runUntilServing())
        #expect(try test.createTopic("events") == .noError)
        _ = try self.produce(["a"], to: test)
        let node = try #require(test.node)
        let figures = try #require(node.replicas.first?.figures)
        #expect(figures.role == .leader)
        #expect(figures.isr == [1])
        #expect(figures.logEndOffset == 1)
        #expect(figures.highWatermark == 1)
        #expect(figures.epochs.map(\.startOffset) == [0])
        #expect(node.quorum.role == .leader)
        #expect(node.quorum.highWatermark == node.quorum.logEndOffset)
        #expect(node.controllerImage?.topic(named: "events") != nil)
        #expect(node.metadata.image.topic(named: "events") != nil)
        let stored = try #require(try node.replicas.first?.storedBatches(from: 0, to: 1, bytesMax: 1 << 20))
        #expect(stored.count > 61)
        #expect(try node.storedMetadata(from: 0, to: node.quorum.logEndOffset, bytesMax: 1 << 20).count > 61)
    }

    @Test func `a start that is refused leaves nothing locked or bound`() throws {
        let test = try TestNode(seed: 7)
        let other = try test.streams.listen(host: "127.0.0.1", port: 9093)
        #expect(throws: StartError.self) { try test.start() }
        other.close()
        try test.start()
        #expect(test.runUntilServing())
    }

    @Test func `a node that was abandoned leaves nothing behind`() throws {
        let test = try TestNode(seed: 6)
        try test.start()
        #expect(test.runUntilServing())
        #expect(try test.createTopic("events") == .noError)
        _ = try self.produce(["a"], to: test)
        let (cluster, reader) = (test.client(), Reader())
        let consumer = Consumer(ConsumerConfiguration(), cluster: cluster, handler: reader)
        cluster.loop.execute { consumer.assign([TopicPartition(topic: "events", partition: 0): .earliest]) }
        #expect(test.machine.run { !reader.offsets.isEmpty })
        // The next fetch waits on the broker.
        _ = test.machine.run(for: .milliseconds(100)) { false }
        weak let node = test.node
        weak let partition = test.node?.replicas.first
        #expect(partition != nil)
        test.kill()
        #expect(partition == nil)
        #expect(node == nil)
    }
}
