import ApusCore
import Broker
import Configuration
import EventLoop
import KafkaClient
import KafkaProtocol
import Networking
import SimulatedStorage
import StorageFormat
import Telemetry

/// A cluster of one node in virtual time, with a client beside it.
final class TestNode: @unchecked Sendable {
    // Unchecked: one test's thread uses it.
    let machine: TestMachine
    let streams = TestStreams()
    let disk = SimulatedFileSystem()
    private(set) var node: Node?
    private(set) var hasHalted = false
    private var wasClean: Bool?
    private let configuration: BrokerConfiguration
    private var runtime: ClientRuntime?
    private var cluster: ClusterClient?

    init(seed: UInt64, properties: [String: String] = [:]) throws {
        self.machine = TestMachine(seed: seed)
        var values = [
            "node.id": "1", "process.roles": "broker,controller", "controller.listener.names": "CONTROLLER",
            "listeners": "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
            "advertised.listeners": "PLAINTEXT://127.0.0.1:9092", "controller.quorum.voters": "1@127.0.0.1:9093",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT", "log.dirs": "/data", "min.insync.replicas": "1",
            "default.replication.factor": "1",
        ]
        values.merge(properties) { $1 }
        self.configuration = try BrokerConfiguration(
            properties: Properties(
                values.sorted { $0.key < $1.key }.map {
                    Property(key: $0.key, value: $0.value, origin: .commandLine)
                }))
        try self.disk.createDirectory("/data")
        var random = SeededRandom(seed: seed)
        let formatter = StorageFormatter(
            configuration: self.configuration, clusterID: "test-cluster", fileSystem: self.disk)
        _ = try formatter.format(now: self.machine.wallClock, using: &random)
    }

    func start() throws {
        let pool = BlockingPool(host: self.machine)
        let control = EventLoopGroup([self.machine.makeLoop("control")])
        let data = EventLoopGroup([self.machine.makeLoop("data-0"), self.machine.makeLoop("data-1")])
        let platform = NodePlatform(
            control: Network(loops: control, blocking: pool, virtual: self.streams),
            storage: self.machine.makeLoop("storage"),
            data: Network(loops: data, blocking: pool, virtual: self.streams), pool: pool, fileSystem: self.disk,
            seed: self.machine.nextSeed(), halt: { self.hasHalted = true })
        self.wasClean = nil
        let node = try Node(
            configuration: self.configuration, logs: LogSink(levels: LogLevels(.warn)), platform: platform
        ) { clean in
            self.wasClean = clean
        }
        self.node = node
        node.start()
    }

    /// Runs until the node serves; false where it does not come to that.
    func runUntilServing() -> Bool { self.machine.run { self.node?.health.isServing == true } }

    /// Asks the node to leave and runs until it has ended; nil where it does not.
    func shutDown() -> Bool? {
        guard let node = self.node else { return nil }
        node.requestShutdown()
        guard self.machine.run(until: { self.wasClean != nil }) else { return nil }
        let done = Flag()
        node.stop { done.isSet = true }
        guard self.machine.run(until: { done.isSet }) else { return nil }
        node.abandon()
        self.closeClient()
        self.node = nil
        self.machine.clear()
        return self.wasClean
    }

    /// The process is gone from one moment to the next.
    func kill() {
        self.node?.abandon()
        self.closeClient()
        self.node = nil
        self.machine.clear()
        self.disk.restartAfterKill()
    }

    // MARK: - The client

    final class Flag: @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var isSet = false
    }

    final class Answer<Value>: @unchecked Sendable {
        // Unchecked: one test's thread uses it.
        var value: Value?
    }

    /// The client of this cluster, on a loop of its own.
    func client() -> ClusterClient {
        if let cluster = self.cluster { return cluster }
        let runtime = ClientRuntime(loop: self.machine.makeLoop("client"), network: self.streams)
        let cluster = ClusterClient(
            ClientConfiguration(bootstrapServers: [BootstrapServer(host: "127.0.0.1", port: 9092)]), runtime: runtime)
        self.runtime = runtime
        self.cluster = cluster
        return cluster
    }

    private func closeClient() {
        self.runtime?.stop()
        self.runtime = nil
        self.cluster = nil
    }

    /// Asks any broker and runs until the answer is there.
    func ask<Message: KafkaRequest>(_ message: Message) throws -> Message.Response {
        let answer = Answer<Result<Message.Response, ClientError>>()
        let cluster = self.client()
        cluster.loop.execute {
            cluster.ask(message, of: .anyBroker, deadline: cluster.loop.now + .seconds(10)) { answer.value = $0 }
        }
        guard self.machine.run(until: { answer.value != nil }), let result = answer.value else {
            throw ClientError(.timedOut, "no answer in virtual time")
        }
        return try result.get()
    }

    func createTopic(_ name: String) throws -> ErrorCode {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = 1
        topic.replicationFactor = 1
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.timeoutMs = 5000
        return try self.ask(request).topics.first?.errorCode ?? .unknownServerError
    }
}
