import CommandLineArguments

/// `apus storage`: Kafka's `kafka-storage`.
enum StorageCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "storage", "Prepare and inspect the log directories of a node.",
                commands: [
                    StorageInspectionCommand.declaration, StorageFormatCommand.declaration,
                    VersionMappingCommand.declaration, CommandDeclaration("random-uuid", "Print a random UUID."),
                ])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "info": return try StorageInspectionCommand.run(parsed, terminal)
            case "format": return try StorageFormatCommand.run(parsed, terminal)
            case "version-mapping": return try VersionMappingCommand.run(parsed, terminal)
            case "random-uuid":
                terminal.line(RandomUUID.next())
                return 0
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    static let configOption = OptionDeclaration(
        "--config", short: "-c", value: "FILE", required: true, completion: .files,
        "The node's server.properties.")
}
