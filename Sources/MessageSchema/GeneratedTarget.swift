public import Foundation

/// One target whose messages are generated: its schema files, and the Swift files that follow from them.
public struct GeneratedTarget: Sendable {
    /// The folder of the target, which holds `Schemas` and `Generated`.
    public var folder: URL
    package var catalog: Catalog

    /// The file that spans all messages of the target.
    package enum Catalog: Sendable {
        case apiTable
        case metadataRecords
    }

    /// The targets of the package at `root`.
    public static func all(packageAt root: URL) -> [GeneratedTarget] {
        let sources = root.appending(path: "Sources")
        return [
            GeneratedTarget(folder: sources.appending(path: "KafkaProtocol"), catalog: .apiTable),
            GeneratedTarget(folder: sources.appending(path: "KafkaStoredMessages"), catalog: .metadataRecords),
        ]
    }

    /// All messages of the target's schemas with the subfolder each stands in, in order of their paths.
    package func messages() throws -> [(folder: String, message: MessageDefinition)] {
        let schemas = self.folder.appending(path: "Schemas")
        return try Self.files(below: schemas).flatMap { path in
            guard path.hasSuffix(".schema") else { throw SchemaError("\(path) is no schema") }
            let text = try String(contentsOf: schemas.appending(path: path), encoding: .utf8)
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            do {
                return try SchemaParser.messages(in: text).map { (folder, self.prepared($0)) }
            } catch {
                throw SchemaError("\(path): \(error)", line: 0)
            }
        }
    }

    /// What is stored is compared by those who replay it.
    private func prepared(_ message: MessageDefinition) -> MessageDefinition {
        var message = message
        if self.catalog == .metadataRecords { message.isEquatable = true }
        return message
    }

    /// The generated files by their path below `Generated`.
    public func render() throws -> [String: String] {
        let messages = try self.messages()
        var files: [String: String] = [:]
        for (folder, message) in messages {
            let path = (folder.isEmpty ? "" : folder + "/") + message.name + ".swift"
            files[path] = MessageRenderer(try MessageLayout(message)).source()
        }
        switch self.catalog {
        case .apiTable: files["APITable+Rows.swift"] = CatalogRenderer.apiTable(messages.map(\.message))
        case .metadataRecords:
            files["Metadata/MetadataRecord.swift"] = CatalogRenderer.metadataRecords(messages.map(\.message))
            files["StoredMessages.swift"] = CatalogRenderer.storedMessages(messages.map(\.message))
        }
        return files
    }

    /// The paths below `Generated` where the folder differs from what the schemas say, sorted.
    public func differences() throws -> [String] {
        let rendered = try self.render()
        let generated = self.folder.appending(path: "Generated")
        let present = try Self.files(below: generated)
        let differing = try rendered.filter { path, text in
            guard present.contains(path) else { return true }
            return try Data(contentsOf: generated.appending(path: path)) != Data(text.utf8)
        }
        return (differing.keys + present.filter { rendered[$0] == nil }).sorted()
    }

    /// Makes the `Generated` folder what the schemas say; returns the paths that changed.
    public func write() throws -> [String] {
        let rendered = try self.render()
        let generated = self.folder.appending(path: "Generated")
        let changed = try self.differences()
        for path in changed {
            let file = generated.appending(path: path)
            if let text = rendered[path] {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
        }
        return changed
    }

    static func files(below folder: URL) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") || $0.hasSuffix(".schema") }.sorted()
    }
}
