import Configuration
import Testing

@Suite("Description of configs")
struct ConfigResolverTests {
    @Test("a topic's retention lists every synonym in the order in which it counts")
    func topicSynonyms() throws {
        var layers = ConfigLayers(properties: try PropertyFile.parse("log.retention.hours=2", file: "f"))
        layers.dynamicDefault["log.retention.ms"] = "7"
        let described = ConfigResolver(layers: layers).topic(overrides: ["retention.ms": "5"], names: ["retention.ms"])
        #expect(
            described == [
                DescribedConfig(
                    name: "retention.ms", value: "5", source: .dynamicTopic, type: .long, isReadOnly: false,
                    isSensitive: false,
                    synonyms: [
                        .init(name: "retention.ms", value: "5", source: .dynamicTopic),
                        .init(name: "log.retention.ms", value: "7", source: .dynamicDefaultBroker),
                        .init(name: "log.retention.hours", value: "2", source: .staticBroker),
                        .init(name: "log.retention.hours", value: "168", source: .defaultValue),
                    ],
                    documentation: "How long records are kept; -1 for ever.")
            ])
    }

    @Test("a broker's secrets and unknown keys are listed without their values")
    func secrets() throws {
        let text = "ssl.key.password=secret\nmy.key=1\nlistener.name.a.ssl.client.auth=none"
        let resolver = ConfigResolver(layers: ConfigLayers(properties: try PropertyFile.parse(text, file: "f")))
        let described = resolver.broker(names: ["ssl.key.password", "my.key", "listener.name.a.ssl.client.auth"])
        #expect(described.map(\.name) == ["listener.name.a.ssl.client.auth", "my.key", "ssl.key.password"])
        #expect(described.map(\.value) == ["none", nil, nil])
        #expect(described.map(\.isSensitive) == [false, true, true])
        #expect(described.map(\.type) == [.string, .unknown, .password])
        #expect(described.map(\.source) == [.staticBroker, .staticBroker, .staticBroker])
        #expect(described.flatMap(\.synonyms).contains { $0.value == "secret" } == false)
    }

    @Test(
        "a dynamic config of a broker is refused in Kafka's words",
        arguments: [
            (["node.id": "1"], true, "Cannot update these configs dynamically: [node.id]"),
            (
                ["listeners": "PLAINTEXT://:1"], false,
                "Cannot update these configs at default cluster level, broker id must be specified: [listeners]"
            ),
            (["listeners": "PLAINTEXT://:1"], true, nil),
            (
                ["ssl.keystore.type": "PEM"], true,
                "These security configs can be dynamically updated only per-listener using the listener prefix: "
                    + "[ssl.keystore.type]"
            ),
            (["listener.name.x.ssl.keystore.type": "PEM"], true, nil),
            (
                ["leader.replication.throttled.rate": "-5"], false,
                "Invalid value -5 for configuration leader.replication.throttled.rate: Value must be at least 0"
            ),
            (["foo": "1"], false, nil),
            (["apus.zones.drained": "a,b"], false, nil),
            (
                ["apus.zones.drained": "a"], true,
                "Cannot update these configs for one broker, only at default cluster level: [apus.zones.drained]"
            ),
            (
                ["apus.zones.drained": "a,a"], false,
                "Configuration 'apus.zones.drained' values must not be duplicated."
            ),
        ] as [([String: String], Bool, String?)])
    func dynamicBroker(values: [String: String], perBroker: Bool, message: String?) {
        #expect(BrokerConfigValidator.refusal(of: values, perBroker: perBroker) == message)
    }

    /// The layers of the node that was described.
    private static func describedNode() throws -> ConfigLayers {
        var layers = ConfigLayers(
            properties: try PropertyFile.parse(try Fixture.text("describe.properties"), file: "describe.properties"))
        layers.dynamicDefault = [
            "log.retention.ms": "777777", "log.flush.interval.messages": "1000", "min.insync.replicas": "1",
        ]
        layers.dynamicBroker = ["log.cleaner.threads": "2", "message.max.bytes": "3000000"]
        return try BrokerConfiguration(layers).layers
    }

    private static func line(_ config: DescribedConfig) -> String {
        let synonyms = config.synonyms.map { "\($0.source.name):\($0.name)=\($0.value ?? "null")" }
        return "\(config.name)=\(config.value ?? "null") sensitive=\(config.isSensitive) "
            + "synonyms={\(synonyms.joined(separator: ", "))}"
    }

    @Test("a topic is described as Kafka describes it")
    func topicGolden() throws {
        let overrides = ["retention.ms": "5000", "cleanup.policy": "compact,delete"]
        let described = ConfigResolver(layers: try Self.describedNode()).topic(overrides: overrides)
        let found = described.filter { !$0.name.hasPrefix("apus.") }.map(Self.line)
        #expect(found == (try Fixture.lines("describe-topic-kafka-4.3.1").map { $0[0] }))
    }

    @Test("drained zones are described as a list that all brokers share")
    func drainedZones() throws {
        var layers = ConfigLayers(properties: Properties())
        layers.dynamicDefault = ["apus.zones.drained": "a,b"]
        let resolver = ConfigResolver(layers: layers)
        for described in [resolver.brokerDefaults(), resolver.broker(names: ["apus.zones.drained"])] {
            let config = try #require(described.first)
            #expect(described.count == 1)
            #expect(config.value == "a,b")
            #expect(config.type == .list)
            #expect(config.source == .dynamicDefaultBroker)
        }
    }

    @Test("a broker is described as Kafka describes it, and with what only this program has")
    func brokerGolden() throws {
        let described = ConfigResolver(layers: try Self.describedNode()).broker()
        let found = described.filter { !$0.name.hasPrefix("apus.") }.map(Self.line)
        let expected = try Fixture.lines("describe-broker-kafka-4.3.1").map { $0[0] }
        #expect(found == expected)
    }
}
