import Broker
import CommandLineArguments
import Configuration
import EventLoop
import FileSystem
import StorageFormat

/// `apus storage format`
enum StorageFormatCommand {
    static let declaration = CommandDeclaration(
        "format", "Prepare the log directories of a node for a cluster.",
        discussion: """
            Every node is formatted once, before its first start, and all nodes of a cluster with the same cluster id. \
            'apus storage random-uuid' makes one.

            Where controller.quorum.voters is not set, a controller needs to be told how the quorum begins: \
            --standalone, --initial-controllers or --no-initial-controllers.
            """,
        options: [
            StorageCommand.configOption,
            OptionDeclaration("--cluster-id", short: "-t", value: "ID", required: true, "The id of the cluster."),
            .flag(
                "--ignore-formatted", short: "-g",
                "Leave directories alone that are formatted for this cluster, instead of failing."),
            OptionDeclaration(
                "--release-version", short: "-r", value: "RELEASE",
                "The release whose features the cluster begins with, from 3.3-IV3 on. The newest where not given."),
            OptionDeclaration(
                "--feature", short: "-f", value: "NAME=LEVEL", repeated: true,
                "The level of one feature, over what the release says."),
            .flag("--standalone", short: "-s", "This controller alone is the quorum that the cluster begins with."),
            .flag("--no-initial-controllers", short: "-N", "Other nodes know the quorum that the cluster begins with."),
            OptionDeclaration(
                "--initial-controllers", short: "-I", value: "VOTERS",
                "The quorum that the cluster begins with: id@host:port:directory entries separated by commas, the "
                    + "same for all nodes."),
            OptionDeclaration(
                "--add-scram", short: "-S", value: "CREDENTIAL", repeated: true,
                "Not supported: add SCRAM credentials to the running cluster."),
        ],
        exclusive: [["--standalone", "--no-initial-controllers", "--initial-controllers"]],
        examples: ["apus storage format -t $(apus storage random-uuid) -c server.properties"])

    static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        guard parsed.value("--add-scram") == nil else {
            throw CommandFailure(
                "--add-scram is not supported: add SCRAM credentials to the running cluster with kafka-configs --alter "
                    + "--add-config")
        }
        let configuration = try NodeConfigurationFile.load(parsed.required("--config"), terminal: terminal)
        let features = try FeatureChoice(
            release: parsed.value("--release-version"), features: parsed.values("--feature"))
        let formatter = StorageFormatter(
            configuration: configuration, clusterID: parsed.required("--cluster-id"), features: features,
            quorum: try self.quorum(parsed), ignoresFormatted: parsed.has("--ignore-formatted"),
            fileSystem: PosixFileSystem())
        var random = SystemRandomNumberGenerator()
        let formatted = try formatter.format(now: WallClock.now(), using: &random)
        if formatted.isEmpty { terminal.line("All of the log directories are already formatted.") }
        for directory in formatted {
            terminal.line(
                "Formatting \(directory.kind.rawValue) \(directory.path) with metadata.version "
                    + "\(features.release.name).")
        }
        return 0
    }

    private static func quorum(_ parsed: ParsedCommand) throws(StorageFormatError) -> QuorumChoice {
        if parsed.has("--standalone") { return .standalone }
        if parsed.has("--no-initial-controllers") { return .none }
        return try parsed.value("--initial-controllers").map { text throws(StorageFormatError) in
            .voters(try InitialVoter.list(text))
        } ?? .fixed
    }
}
