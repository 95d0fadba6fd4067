import CommandLineArguments
import Configuration
import FileSystem
import StorageFormat

/// `apus storage info`
enum StorageInspectionCommand {
    static let declaration = CommandDeclaration(
        "info", "Tell what the log directories of a node hold.",
        discussion: "Changes nothing, and may be used while the node runs. Exits with 1 where there is a problem.",
        options: [StorageCommand.configOption])

    static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let configuration = try NodeConfigurationFile.load(parsed.required("--config"), terminal: terminal)
        let found = try FormattedDirectories.read(configuration.allDirectories, fileSystem: PosixFileSystem())
        if !found.existing.isEmpty {
            self.list(
                found.existing, found.existing.count == 1 ? "Found log directory:" : "Found log directories:", terminal)
        }
        if let properties = found.first {
            terminal.line("Found metadata: \(FormattedDirectories.text(properties))")
            terminal.line("")
        }
        if !found.problems.isEmpty {
            self.list(found.problems, found.problems.count == 1 ? "Found problem:" : "Found problems:", terminal)
        }
        return found.problems.isEmpty ? 0 : 1
    }

    private static func list(_ lines: [String], _ title: String, _ terminal: Terminal) {
        terminal.line(title)
        for line in lines { terminal.line("  \(line)") }
        terminal.line("")
    }
}
