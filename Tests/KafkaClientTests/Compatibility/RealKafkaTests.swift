import ApusCore
import EventLoop
import Foundation
import KafkaClient
import KafkaPrimitives
import KafkaRecords
import LocalCluster
import Synchronization
import Testing

/// Where Apache Kafka is: `KAFKA_HOME`, or a copy beside the repository.
private let kafkaProgram: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    let homes = [
        ProcessInfo.processInfo.environment["KAFKA_HOME"], root.appendingPathComponent("../shared/kafka").path,
        root.appendingPathComponent("../../shared/kafka").path,
    ].compactMap(\.self)
    return homes.map { "\($0)/bin/kafka" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}()

@Suite(.enabled(if: kafkaProgram != nil, "there is no Apache Kafka beside the repository, and KAFKA_HOME is not set"))
struct RealKafkaTests {
    @Test(.timeLimit(.minutes(3))) func apacheKafkaStoresAndReturnsWhatIsWritten() async throws {
        let program = try #require(kafkaProgram)
        let folder = "\(NSTemporaryDirectory())apus-client-\(getpid())"
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(error)") }
        }
        let layout = ClusterLayout(
            nodeCount: 1, firstPort: 44_000 + Int(getpid() % 90), clusterID: "Q2xpZW50VGVzdENsdXN0ZQ")
        let node = try LocalCluster(creating: layout, in: folder, program: program)
        try node.start(0)
        defer { node.stop([0]) }
        try node.waitUntilListening(0, seconds: 60)

        let runtime = try ClientRuntime()
        defer { runtime.stop() }
        let configuration = ClientConfiguration(bootstrapServers: try BootstrapServer.list(layout.bootstrapServers))
        let admin = Admin(ClusterClient(configuration, runtime: runtime))
        try await admin.createTopic(TopicDraft("t", partitionCount: 3, replicationFactor: 1))
        try await admin.waitForLeaders(of: "t", partitionCount: 3)

        var expected: [TopicPartition: [String]] = [:]
        for (round, codec) in CompressionCodec.allCases.enumerated() {
            var options = ProducerConfiguration()
            options.compression = CompressionSetting(codec)
            options.batchBytesMax = 2000
            let values = (0..<300).map { "\(codec.name)-\($0)" }
            let outcomes = try await Scribe.write(
                values, to: "t", partitionCount: 3, options, ClusterClient(configuration, runtime: runtime))
            #expect(outcomes == [300], "round \(round)")
            for (index, value) in values.enumerated() {
                expected[TopicPartition(topic: "t", partition: PartitionIndex(Int32(index % 3))), default: []].append(
                    value)
            }
        }
        let read = try await Scholar.read(
            expected.keys.sorted(), ClusterClient(configuration, runtime: runtime))
        #expect(read == expected)
        let ends = try await admin.listOffsets(expected.mapValues { _ in .latest })
        #expect(ends.mapValues(\.offset) == expected.mapValues { Offset(Int64($0.count)) })
        try await admin.deleteTopic("t")
    }
}

/// Writes values to partitions in turn and counts what was stored.
private final class Scribe: ProducerHandler, @unchecked Sendable {
    // Unchecked: used on the loop only.
    private var stored = 0
    private var producer: Producer?

    static func write(
        _ values: [String], to topic: String, partitionCount: Int, _ configuration: ProducerConfiguration,
        _ cluster: ClusterClient
    ) async throws -> [Int] {
        let scribe = Scribe()
        let producer = try Producer(configuration, cluster: cluster, handler: scribe)
        let stored = await withCheckedContinuation { continuation in
            cluster.loop.execute {
                scribe.producer = producer
                producer.start()
                for (index, value) in values.enumerated() {
                    let partition = producer.partition(topic, PartitionIndex(Int32(index % partitionCount)))
                    Array(value.utf8).withUnsafeBytes {
                        _ = producer.append(to: partition, timestamp: 1000, key: nil, value: $0)
                    }
                }
                producer.flush { continuation.resume(returning: scribe.stored) }
            }
        }
        cluster.close()
        return [stored]
    }

    func delivered(_ delivery: Delivery) {
        if case .stored = delivery.outcome { self.stored += delivery.recordCount }
    }

    func producerHasRoom() {}
}

/// Reads partitions from the beginning to their ends.
private final class Scholar: ConsumerHandler, @unchecked Sendable {
    // Unchecked: used on the loop only.
    private var read: [TopicPartition: [String]] = [:]
    private var left: Set<PartitionIndex> = []
    private var consumer: Consumer?
    private var completion: ((Result<[TopicPartition: [String]], ClientError>) -> Void)?
    private let scratch = CompressionScratch()

    static func read(
        _ partitions: [TopicPartition], _ cluster: ClusterClient
    ) async throws -> [TopicPartition: [String]] {
        let scholar = Scholar()
        let consumer = Consumer(ConsumerConfiguration(), cluster: cluster, handler: scholar)
        let result = await withCheckedContinuation { continuation in
            cluster.loop.execute {
                scholar.completion = { continuation.resume(returning: $0) }
                scholar.consumer = consumer
                scholar.left = Set(partitions.map(\.partition))
                consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .earliest) }))
            }
        }
        cluster.close()
        return try result.get()
    }

    func received(_ batch: FetchedBatch) {
        do {
            var records = try RecordIterator(batch.batch, scratch: self.scratch)
            while let record = try records.next() {
                let value = record.value?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                self.read[TopicPartition(topic: batch.topic, partition: batch.partition), default: []]
                    .append(value ?? "null")
            }
        } catch {
            self.end(.failure(ClientError(.malformed, "\(error)")))
        }
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {
        if case .failed(let error) = event { self.end(.failure(error)) }
        guard case .reachedEnd = event else { return }
        self.left.remove(partition)
        if self.left.isEmpty { self.end(.success(self.read)) }
    }

    private func end(_ result: Result<[TopicPartition: [String]], ClientError>) {
        let completion = self.completion
        self.completion = nil
        self.consumer?.close()
        completion?(result)
    }
}
