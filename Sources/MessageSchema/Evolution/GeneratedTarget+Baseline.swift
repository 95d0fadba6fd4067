import Foundation

extension GeneratedTarget {
    /// The schemas as they were when they were last promised to anybody, all in one file.
    private var baseline: URL { self.folder.appending(path: "Schemas/promised.baseline") }

    /// What the schemas would break for who knows only the baseline; nothing where there is no baseline yet.
    public func brokenPromises() throws -> [String] {
        guard FileManager.default.fileExists(atPath: self.baseline.path) else { return [] }
        let text = try String(contentsOf: self.baseline, encoding: .utf8)
        let promised = try SchemaParser.messages(in: text)
        return SchemaEvolution(from: promised, to: try self.messages().map(\.message)).problems
    }

    /// Makes the schemas as they are the baseline; returns whether it changed.
    public func promise() throws -> Bool {
        let schemas = self.folder.appending(path: "Schemas")
        var text =
            "# What has been promised. `swift run generate-messages --promise` writes it; see MessageSchema/README.md.\n"
        for path in try Self.files(below: schemas) {
            text += "\n" + (try String(contentsOf: schemas.appending(path: path), encoding: .utf8))
        }
        let before = FileManager.default.contents(atPath: self.baseline.path)
        try Data(text.utf8).write(to: self.baseline)
        return before != Data(text.utf8)
    }
}
