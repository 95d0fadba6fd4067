import ApusCore
import EventLoop
import KafkaClient
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import Simulation

/// The project's own client in a world: it makes a topic, writes numbered records one after the other, and reads.
final class TestClient: ProducerHandler, ConsumerHandler, @unchecked Sendable {
    // Unchecked: a world is used by one thread.

    let world: World
    let host: SimulatedHost
    let runtime: ClientRuntime
    private let cluster: ClusterClient
    private let readers: ClusterClient
    private var producer: Producer?
    private var consumer: Consumer?
    private var next = 0
    private var wanted = 0
    private(set) var acknowledged: [Int: Offset] = [:]
    private(set) var failed: [Int] = []
    private(set) var read: [String] = []
    /// What was read at each offset, the last time.
    private(set) var readByOffset: [Offset: String] = [:]
    private(set) var readEnd: Offset = 0
    private var topic = ""

    init(_ cluster: SimulatedCluster, zone: String = "zone-1") {
        self.world = cluster.world
        cluster.world.network.addMachine("client", zone: zone)
        self.host = cluster.world.makeHost(on: "client")
        self.runtime = ClientRuntime(loop: self.host.makeLoop("client"), network: self.host.sockets)
        let configuration = ClientConfiguration(
            bootstrapServers: cluster.bootstrap.map { BootstrapServer(host: $0.host, port: $0.port) })
        self.cluster = ClusterClient(configuration, runtime: self.runtime)
        self.readers = ClusterClient(configuration, runtime: self.runtime)
    }

    private final class Answer<Value>: @unchecked Sendable {
        // Unchecked: a world is used by one thread.
        var value: Value?
    }

    func createTopic(_ name: String, partitions: Int32, replicas: Int16) -> ErrorCode? {
        let answer = Answer<ErrorCode>()
        self.runtime.loop.execute {
            var topic = CreateTopicsRequest.CreatableTopic()
            topic.name = name
            topic.numPartitions = partitions
            topic.replicationFactor = replicas
            var request = CreateTopicsRequest()
            request.topics = [topic]
            request.timeoutMs = 10_000
            self.cluster.ask(request, of: .anyBroker, deadline: self.runtime.loop.now + .seconds(20)) { result in
                switch result {
                case .success(let response): answer.value = response.topics[0].errorCode
                case .failure: answer.value = .requestTimedOut
                }
            }
        }
        _ = self.world.run(atMost: .seconds(30)) { answer.value != nil }
        return answer.value
    }

    /// Writes `count` records, each after the one before it has ended.
    func write(_ count: Int, to topic: String) {
        self.runtime.loop.execute {
            self.topic = topic
            self.wanted += count
            if self.producer == nil {
                do {
                    let producer = try Producer(ProducerConfiguration(), cluster: self.cluster, handler: self)
                    self.producer = producer
                    producer.start()
                } catch {
                    preconditionFailure("\(error)")
                }
            }
            self.writeNext()
        }
    }

    /// The record under way is the last one.
    func stopWriting() { self.wanted = self.next }

    var isIdle: Bool { self.next >= self.wanted && self.acknowledged.count + self.failed.count == self.next }

    private func writeNext() {
        guard self.next < self.wanted, let producer = self.producer else { return }
        var text = Array("record \(self.next)".utf8)
        self.next += 1
        _ = text.withUnsafeMutableBytes { bytes in
            producer.append(
                to: producer.partition(self.topic, 0), timestamp: 1, key: nil, value: UnsafeRawBufferPointer(bytes))
        }
    }

    func delivered(_ delivery: Delivery) {
        if case .stored(let offset) = delivery.outcome {
            self.acknowledged[self.next - 1] = offset
        } else {
            self.failed.append(self.next - 1)
        }
        self.writeNext()
    }

    func producerHasRoom() {}

    /// Reads the first partition of a topic from its beginning on.
    func startReading(_ topic: String) {
        self.runtime.loop.execute {
            let consumer = Consumer(ConsumerConfiguration(), cluster: self.readers, handler: self)
            self.consumer = consumer
            consumer.assign([TopicPartition(topic: topic, partition: 0): .earliest])
        }
    }

    func received(_ batch: FetchedBatch) {
        do {
            var records = try RecordIterator(batch.batch, scratch: CompressionScratch())
            while let record = try records.next() {
                guard record.offset >= batch.firstOffset, let value = record.value else { continue }
                let text = value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                self.read.append(text)
                self.readByOffset[record.offset] = text
                self.readEnd = record.offset + 1
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func noticed(_ event: ConsumerEvent, topic: String, partition: PartitionIndex) {}

    func close() {
        self.runtime.stop()
        self.host.end()
    }
}
