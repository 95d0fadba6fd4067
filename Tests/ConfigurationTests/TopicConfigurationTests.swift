import Configuration
import Testing

@Suite("Configuration of a topic")
struct TopicConfigurationTests {
    @Test(
        "retention falls back from milliseconds to minutes to hours",
        arguments: [
            ("", 604_800_000), ("log.retention.hours=1", 3_600_000),
            ("log.retention.hours=1\nlog.retention.minutes=1", 60_000),
            ("log.retention.hours=1\nlog.retention.minutes=1\nlog.retention.ms=1", 1), ("log.retention.hours=-1", -1),
        ])
    func retention(lines: String, milliseconds: Int64) throws {
        let layers = ConfigLayers(properties: try PropertyFile.parse(lines, file: "f"))
        #expect(TopicConfiguration(layers: layers, overrides: [:]).retentionMs == milliseconds)
        #expect(TopicConfiguration(layers: layers, overrides: ["retention.ms": "5"]).retentionMs == 5)
    }

    @Test("a dynamic config of the broker counts before one of all, and that before the file")
    func layers() throws {
        var layers = ConfigLayers(properties: try PropertyFile.parse("message.max.bytes=1", file: "f"))
        #expect(TopicConfiguration(layers: layers, overrides: [:]).maxMessageBytes == 1)
        layers.dynamicDefault["message.max.bytes"] = "2"
        #expect(TopicConfiguration(layers: layers, overrides: [:]).maxMessageBytes == 2)
        layers.dynamicBroker["message.max.bytes"] = "3"
        #expect(TopicConfiguration(layers: layers, overrides: [:]).maxMessageBytes == 3)
    }

    @Test("a stored value that is refused falls back to the default")
    func refusedOverride() {
        let layers = ConfigLayers(properties: Properties())
        let overrides = ["segment.bytes": "x", "cleanup.policy": "compact,delete", "no.such": "1"]
        var expected = TopicConfiguration()
        expected.cleanupPolicy = [.compact, .delete]
        #expect(TopicConfiguration(layers: layers, overrides: overrides) == expected)
    }

    @Test(
        "the controller refuses in Kafka's words",
        arguments: [
            (["foo": "1"], "Unknown topic config name: foo"),
            (
                ["retention.ms": nil, "flush.ms": nil],
                "Null value not supported for topic configs: flush.ms,retention.ms"
            ),
            (["retention.ms": "-2"], "Invalid value -2 for configuration retention.ms: Value must be at least -1"),
            (
                ["min.compaction.lag.ms": "10", "max.compaction.lag.ms": "5"],
                "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"
            ),
            (
                ["remote.storage.enable": "true"],
                "Tiered Storage functionality is disabled in the broker. "
                    + "Topic cannot be configured with remote log storage."
            ),
            (["retention.ms": "1", "cleanup.policy": ""], nil),
            (["apus.leader.zones": "zone-a, zone-b"], nil),
            (["apus.leader.zones": "a,,b"], "Configuration 'apus.leader.zones' values must not be empty."),
            (["apus.leader.zones": "a,a"], "Configuration 'apus.leader.zones' values must not be duplicated."),
        ] as [([String: String?], String?)])
    func validation(overrides: [String: String?], message: String?) {
        #expect(TopicConfigValidator.refusal(of: overrides) == message)
    }
}
