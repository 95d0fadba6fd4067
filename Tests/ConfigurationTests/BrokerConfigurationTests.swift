import ApusCore
import Configuration
import Testing

@Suite("Configuration of a node")
struct BrokerConfigurationTests {
    static let combined = """
        process.roles=broker,controller
        node.id=1
        broker.rack=zone-1
        controller.quorum.voters=0@127.0.0.1:9193,1@127.0.0.1:9194,2@127.0.0.1:9195
        listeners=PLAINTEXT://127.0.0.1:9093,INTERNAL://127.0.0.1:9293,CONTROLLER://127.0.0.1:9194
        controller.listener.names=CONTROLLER
        advertised.listeners=PLAINTEXT://localhost:9093,INTERNAL://127.0.0.1:9293
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=INTERNAL
        log.dirs=/data/a,/data/b
        default.replication.factor=3
        min.insync.replicas=2
        client.port.note=9093
        """

    @Test("a combined node is read")
    func combinedNode() throws {
        let configuration = try Self.load(Self.combined)
        #expect(configuration.nodeID == 1)
        #expect(configuration.roles == [.broker, .controller])
        #expect(configuration.rack == "zone-1")
        #expect(
            configuration.listeners.listeners.map(\.description) == [
                "PLAINTEXT://127.0.0.1:9093", "INTERNAL://127.0.0.1:9293", "CONTROLLER://127.0.0.1:9194",
            ])
        #expect(
            configuration.listeners.advertised.map(\.description) == [
                "PLAINTEXT://localhost:9093", "INTERNAL://127.0.0.1:9293",
            ])
        #expect(configuration.listeners.advertisedController.map(\.description) == ["CONTROLLER://127.0.0.1:9194"])
        #expect(configuration.listeners.interBrokerName == "INTERNAL")
        #expect(
            configuration.quorum.voters.map(\.description) == [
                "0@127.0.0.1:9193", "1@127.0.0.1:9194", "2@127.0.0.1:9195",
            ])
        #expect(configuration.log.directories == ["/data/a", "/data/b"])
        #expect(configuration.metadataLog.directory == "/data/a")
        #expect(configuration.topicCreation.replicationFactor == 3)
        #expect(configuration.topicDefaults.minInsyncReplicas == 2)
        #expect(configuration.liveness.disconnectFencing == .milliseconds(200))
        #expect(configuration.warnings == ["f:13: client.port.note is not a known key, and is ignored"])
    }

    @Test("a mistyped key is named with the one it was meant to be")
    func mistyped() throws {
        let configuration = try Self.load(
            Self.combined + "\nmin.insync.replica=2\nlistener.name.internal.ssl.client.auth=none")
        #expect(
            configuration.warnings.last
                == "f:14: min.insync.replica is not a known key, and is ignored; did you mean min.insync.replicas?")
        #expect(configuration.warnings.count == 2)
    }

    @Test(
        "what is wrong is said with file, line, key, value and what would be right",
        arguments: [
            ("num.partitions=0", "f:14: num.partitions=0: expected an integer of 32 bits of at least 1"),
            (
                "num.partitions=x\nlog.preallocate=y",
                "f:15: log.preallocate=y: expected true or false\n"
                    + "f:14: num.partitions=x: expected an integer of 32 bits of at least 1"
            ),
            (
                "ssl.key.password=secret\nsocket.send.buffer.bytes=0",
                "f:15: socket.send.buffer.bytes=0: it must be positive, or -1 for the system's own"
            ),
            (
                "node.id=7",
                "f:4: controller.quorum.voters=0@127.0.0.1:9193,1@127.0.0.1:9194,2@127.0.0.1:9195: "
                    + "this node is a controller, and its node.id 7 is not among them"
            ),
            ("broker.id=2", "f:2: node.id=1: broker.id is its older name, and says 2"),
            (
                "advertised.listeners=PLAINTEXT://0.0.0.0:9093",
                "f:14: advertised.listeners=PLAINTEXT://0.0.0.0:9093: "
                    + "clients cannot connect to PLAINTEXT://0.0.0.0:9093; give an address that they can reach"
            ),
            (
                "listeners=PLAINTEXT://:9093,X://:1",
                "f:14: listeners=PLAINTEXT://:9093,X://:1: "
                    + "listener.security.protocol.map does not have X"
            ),
            (
                "listeners=PLAINTEXT://:9093,INTERNAL://:1",
                "f:14: listeners=PLAINTEXT://:9093,INTERNAL://:1: "
                    + "a controller needs one of CONTROLLER among them"
            ),
            (
                "process.roles=controller",
                "f:5: listeners=PLAINTEXT://127.0.0.1:9093,INTERNAL://127.0.0.1:9293,"
                    + "CONTROLLER://127.0.0.1:9194: this node is only a controller: all of them must be in "
                    + "controller.listener.names"
            ),
            (
                "authorizer.class.name=com.example.A",
                "f:14: authorizer.class.name=com.example.A: "
                    + "Java classes cannot be loaded; what is built in: "
                    + "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
            ),
        ])
    func refusals(lines: String, message: String) {
        do {
            _ = try Self.load(Self.combined + "\n" + lines)
            Issue.record("accepted \(lines)")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test("without a protocol map the controller's listener is plaintext, unless something is secured")
    func defaultProtocolMap() throws {
        let text = """
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=localhost:9093
            controller.listener.names=CONTROLLER
            listeners=PLAINTEXT://:9092,CONTROLLER://:9093
            """
        let configuration = try Self.load(text)
        #expect(configuration.listeners.interBrokerName == "PLAINTEXT")
        #expect(configuration.listeners.securityProtocols["CONTROLLER"] == .plaintext)
        #expect(configuration.log.directories == ["/tmp/kafka-logs"])
        #expect(throws: ConfigurationError(.conflict, "")) {
            try Self.load(text + "\nlisteners=PLAINTEXT://:9092,SSL://:9094,CONTROLLER://:9093")
        }
    }

    @Test("a listener's own config counts before the one for all, a mechanism's before both")
    func listenerPrefix() throws {
        let configuration = try Self.load(
            Self.combined
                + """

                ssl.client.auth=required
                listener.name.internal.ssl.client.auth=none
                listener.name.internal.plain.sasl.jaas.config=x
                """)
        let plaintext = configuration.listeners.listeners[0]
        let inter = configuration.listeners.listeners[1]
        #expect(configuration.value("ssl.client.auth", listener: plaintext) == "required")
        #expect(configuration.value("ssl.client.auth", listener: inter) == "none")
        #expect(configuration.value("sasl.jaas.config", listener: inter, mechanism: "PLAIN") == "x")
        #expect(configuration.value("sasl.jaas.config", listener: plaintext, mechanism: "PLAIN") == nil)
        #expect(configuration.warnings.count == 1)
    }

    static func load(_ text: String) throws -> BrokerConfiguration {
        try BrokerConfiguration(properties: try PropertyFile.parse(text, file: "f"))
    }
}
