import ApusCore
import CommandLineArguments
import FoundationEssentials

/// The small files that are JSON.
enum JSONFileDump {
    private struct QuorumContent: Codable {
        struct Voter: Codable {
            var voterId: Int32
        }

        var leaderId: Int32
        var leaderEpoch: Int32
        var votedId: Int32
        var votedDirectoryId: String?
        var currentVoters: [Voter]?
        var dataVersion: Int16

        private enum CodingKeys: String, CodingKey {
            case leaderId, leaderEpoch, votedId, votedDirectoryId, currentVoters
            case dataVersion = "data_version"
        }
    }

    /// `quorum-state`. Source: QuorumStateData; version 0 of KIP-595, version 1 of KIP-853.
    static func quorumState(_ text: String, _ report: inout DumpReport) {
        guard let content = self.decode(QuorumContent.self, text, &report) else { return }
        report.row(
            "quorumState",
            [
                .number("version", content.dataVersion), .number("leaderId", title: "leader", content.leaderId),
                .number("leaderEpoch", title: "epoch", content.leaderEpoch),
                .number("votedId", title: "voted", content.votedId),
                DumpField(
                    "votedDirectoryId", title: "voted-directory", content.votedDirectoryId.map { .string($0) } ?? .null,
                    cell: content.votedDirectoryId ?? "-"),
                DumpField(
                    "voters",
                    content.currentVoters.map { .array($0.map { .integer(Int64($0.voterId)) }) } ?? .null,
                    cell: content.currentVoters?.map { "\($0.voterId)" }.joined(separator: ",") ?? "-"),
            ])
        if !(0...1).contains(content.dataVersion) { report.problem("version \(content.dataVersion) is not known") }
        if content.leaderEpoch < 0 { report.problem("the leader epoch is negative") }
        if content.dataVersion == 1, content.votedDirectoryId.flatMap({ KafkaUUID($0) }) == nil {
            report.problem("votedDirectoryId is not an id")
        }
    }

    private struct ShutdownContent: Codable {
        var version: Int
        var brokerEpoch: Int64
    }

    /// `.kafka_cleanshutdown`. Source: KIP-966. Kafka before 3.7 left it empty: it is there, and that is all it says.
    static func cleanShutdown(_ text: String, _ report: inout DumpReport) {
        guard !text.isEmpty, let content = self.decode(ShutdownContent.self, text, &report) else { return }
        report.row(
            "cleanShutdown",
            [.number("version", content.version), .number("brokerEpoch", title: "broker-epoch", content.brokerEpoch)])
        if content.version != 0 { report.problem("version \(content.version) is not known") }
    }

    private static func decode<Content: Codable>(
        _ type: Content.Type, _ text: String, _ report: inout DumpReport
    ) -> Content? {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            report.problem("the JSON is not what it should be: \(error)")
            return nil
        }
    }
}
