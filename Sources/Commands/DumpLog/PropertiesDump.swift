import ApusCore

/// `meta.properties` (lines `key=value`) and `partition.metadata` (lines `key: value`).
enum PropertiesDump {
    static func run(_ kind: StoredFile.Kind, _ text: String, _ report: inout DumpReport) {
        let separator: Character = kind == .metaProperties ? "=" : ":"
        var values: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("!") { continue }
            let parts = line.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                report.problem("line \(index + 1): expected a key, '\(separator)' and a value")
                continue
            }
            let (key, value) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
            report.row("property", [.text("key", key), .text("value", value)])
            values[key] = value
        }
        let wrong = kind == .metaProperties ? self.wrongIdentity(values) : self.wrongPartition(values)
        for message in wrong { report.problem(message) }
    }

    private static func wrongIdentity(_ values: [String: String]) -> [String] {
        var wrong: [String] = []
        if values["version"] != "1" { wrong.append("version is not 1") }
        if values["cluster.id", default: ""].isEmpty { wrong.append("cluster.id is missing") }
        if values["node.id"].flatMap({ Int32($0) }) == nil { wrong.append("node.id is not a number") }
        if let directory = values["directory.id"], KafkaUUID(directory) == nil {
            wrong.append("directory.id is not an id")
        }
        return wrong
    }

    private static func wrongPartition(_ values: [String: String]) -> [String] {
        var wrong: [String] = []
        if values["version"] != "0" { wrong.append("version is not 0") }
        if values["topic_id"].flatMap({ KafkaUUID($0) }) == nil { wrong.append("topic_id is not an id") }
        return wrong
    }

    private static func trimmed(_ text: Substring) -> String {
        let front = text.drop { $0 == " " || $0 == "\t" }
        return String(front.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }
}
