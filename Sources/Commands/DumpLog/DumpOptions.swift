import ApusCore
import CommandLineArguments

/// What `apus dump-log` was asked for.
struct DumpOptions {
    var showsRecords: Bool
    /// Records are read and checked.
    var isDeep: Bool
    /// All records are those of the metadata log.
    var isMetadata: Bool
    var isJSON: Bool
    /// What is shown, with both ends.
    var offsets: ClosedRange<Offset>

    init(_ parsed: ParsedCommand) throws(CommandLineError) {
        self.showsRecords = parsed.has("--records") || parsed.has("--print-data-log")
        self.isDeep = self.showsRecords || parsed.has("--deep")
        self.isMetadata = parsed.has("--metadata")
        self.isJSON = parsed.has("--json")
        self.offsets = Offset(0)...Offset(Int64.max)
        guard let text = parsed.value("--offset") else { return }
        guard let offsets = Self.range(text) else {
            throw parsed.invalid("--offset", "an offset, or a range like 100..200, 100.. or ..200")
        }
        self.offsets = offsets
    }

    /// `100`, `100..200`, `100..` or `..200`; nil for anything else.
    private static func range(_ text: String) -> ClosedRange<Offset>? {
        if let offset = Int64(text) { return offset < 0 ? nil : Offset(offset)...Offset(offset) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, !(parts[0].isEmpty && parts[2].isEmpty) else { return nil }
        guard let first = parts[0].isEmpty ? 0 : Int64(parts[0]), let last = parts[2].isEmpty ? .max : Int64(parts[2]),
            first >= 0, first <= last
        else { return nil }
        return Offset(first)...Offset(last)
    }
}
