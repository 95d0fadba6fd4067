import Configuration
package import FileSystem
import KafkaPrimitives

/// What the log directories of a node hold, read without changing or locking anything.
package struct FormattedDirectories: Hashable, Sendable {
    package static let fileName = "meta.properties"
    private static let bytesMax = 64 << 10

    /// The directories that exist, sorted.
    package private(set) var existing: [String] = []
    /// The entries of `meta.properties` of the directories that have one.
    package private(set) var properties: [String: [String: String]] = [:]
    /// One line each for what is not as it should be.
    package private(set) var problems: [String] = []

    /// Reads the directories at `paths`.
    ///
    /// - Throws: `unreadable` where a file is there and cannot be read.
    package static func read(
        _ paths: [String], fileSystem: FileSystemPort
    ) throws(StorageFormatError) -> FormattedDirectories {
        var found = FormattedDirectories()
        for path in paths.sorted() {
            do {
                guard let attributes = try fileSystem.attributes(path) else {
                    found.problems.append("\(path) does not exist")
                    continue
                }
                guard attributes.isDirectory else {
                    found.problems.append("\(path) is not a directory")
                    continue
                }
                found.existing.append(path)
                let file = "\(path)/\(Self.fileName)"
                guard let bytes = try fileSystem.contents(of: file, maxBytes: Self.bytesMax) else {
                    found.problems.append("\(path) is not formatted.")
                    continue
                }
                let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                found.properties[path] = try PropertyFile.parse(text, file: file).values
            } catch {
                throw StorageFormatError(.unreadable, "\(path) cannot be read: \(error)")
            }
        }
        found.compare()
        return found
    }

    /// The entries of the first formatted directory.
    package var first: [String: String]? {
        self.existing.compactMap { self.properties[$0] }.first
    }

    private mutating func compare() {
        guard let first else { return }
        for path in self.existing {
            guard let other = self.properties[path] else { continue }
            if other["version"] != "1" {
                self.problems.append(
                    "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are "
                        + "formatted for legacy mode.")
            } else if other["cluster.id"] != first["cluster.id"] || other["node.id"] != first["node.id"] {
                self.problems.append(
                    "Metadata for \(path)/\(Self.fileName) was \(Self.text(other)), but other directories featured "
                        + Self.text(first))
            }
        }
    }

    /// `{cluster.id=..., node.id=...}`, sorted by name.
    package static func text(_ properties: [String: String]) -> String {
        let entries = properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "{" + entries.joined(separator: ", ") + "}"
    }
}
