import KafkaPrimitives

/// The text form that Kafka's checkpoint files share: a line with the version, one with the count, one an entry.
enum CheckpointText {
    static let version = 0
    /// Entries beyond this are refused: more than a folder can hold.
    private static let entriesMax = 10_000_000

    static func encode(_ lines: [String]) -> [UInt8] {
        var text = "\(Self.version)\n\(lines.count)\n"
        for line in lines {
            text += line
            text += "\n"
        }
        return Array(text.utf8)
    }

    /// The entries, each split at the blanks; nil where the text is of another version or incomplete. An empty file,
    /// as Kafka leaves where nothing was ever written, has no entries.
    static func decode(_ bytes: ByteSlice) -> [[Substring]]? {
        if bytes.isEmpty { return [] }
        let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == "\(Self.version)", let count = Int(lines[1]), count >= 0,
            count <= Self.entriesMax, lines.count >= count + 3, lines[(count + 2)...].allSatisfy(\.isEmpty)
        else { return nil }
        return lines[2..<count + 2].map { $0.split(separator: " ") }
    }
}
