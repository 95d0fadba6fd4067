import ApusCore

/// The text files with a version, a count and a line an entry: leader epochs, and offsets of partitions.
struct CheckpointDump {
    private let isEpochs: Bool
    private var epoch: (number: Int32, startOffset: Int64)?
    private var partitions: Set<TopicPartition> = []

    init(_ kind: StoredFile.Kind) {
        self.isEpochs = kind == .leaderEpochs
    }

    /// Shows the entries. Problems name a line, counted from 1.
    consuming func run(_ text: String, _ report: inout DumpReport) {
        // Kafka leaves a file empty to which nothing was ever written.
        guard !text.isEmpty else { return }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() } else { report.problem("the last line is cut") }
        guard lines.first == "0" else {
            return report.problem("line 1: the version is \(lines.first ?? ""), and not 0")
        }
        guard lines.count >= 2, let count = Int(lines[1]), count >= 0 else {
            return report.problem("line 2: there is no number of entries")
        }
        if lines.count - 2 != count {
            report.problem("line 2: \(count) entries are announced, and there are \(lines.count - 2)")
        }
        for (index, line) in lines.enumerated().dropFirst(2) {
            let parts = line.split(separator: " ")
            let wrong = self.isEpochs ? self.showEpoch(parts, &report) : self.showOffset(parts, &report)
            if let wrong { report.problem("line \(index + 1): \(wrong)") }
        }
    }

    /// Returns what is wrong with an entry, if anything.
    private mutating func showEpoch(_ parts: [Substring], _ report: inout DumpReport) -> String? {
        guard parts.count == 2, let epoch = Int32(parts[0]), let start = Int64(parts[1]) else {
            return "expected a leader epoch and its start offset"
        }
        report.row(
            "leaderEpoch",
            [.number("leaderEpoch", title: "epoch", epoch), .number("startOffset", title: "start-offset", start)])
        defer { self.epoch = (epoch, start) }
        guard let previous = self.epoch else { return nil }
        return epoch > previous.number && start > previous.startOffset ? nil : "the entry does not ascend"
    }

    private mutating func showOffset(_ parts: [Substring], _ report: inout DumpReport) -> String? {
        guard parts.count == 3, let index = Int32(parts[1]), let offset = Int64(parts[2]) else {
            return "expected a topic, a partition and an offset"
        }
        let partition = TopicPartition(topic: String(parts[0]), partition: PartitionIndex(index))
        report.row(
            "partitionOffset",
            [.text("topic", partition.topic), .number("partition", index), .number("offset", offset)])
        if offset < 0 { return "the offset is negative" }
        return self.partitions.insert(partition).inserted ? nil : "the partition is there twice"
    }
}
