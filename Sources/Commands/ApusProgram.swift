import ApusCore
package import CommandLineArguments

/// The program `apus`.
package enum ApusProgram {
    /// What `apus --version` says.
    package static let version = ApusVersion.current

    /// All commands, in the order in which help lists them.
    package static var commands: [Command] {
        [
            ServerCommand.command, StorageCommand.command, ClusterCommand.command, TopicsCommand.command,
            ZonesCommand.command, ProduceCommand.command, ConsumeCommand.command, PerfCommand.command,
            DumpLogCommand.command, DemoCommand.command, ZoneDemoCommand.command, SimulateCommand.command,
            ChaosCommand.command, CompletionCommand.command,
        ]
    }

    package static var declaration: CommandDeclaration {
        CommandDeclaration(
            "apus", "A replicated log broker that speaks the Kafka protocol.",
            discussion: """
                A node is prepared once with 'apus storage format'. Its configuration is a server.properties file with \
                the keys of Apache Kafka.
                """,
            options: [.flag("--version", "Show the version.")], commands: self.commands.map(\.declaration),
            examples: [
                "apus storage random-uuid",
                "apus storage format -t CLUSTER_ID -c cluster-configs/single-node/server.properties",
            ])
    }

    /// Does what `arguments`, without the program's name, ask for.
    ///
    /// Returns the exit status: 0 done, 1 failed, 2 not understood.
    package static func run(_ arguments: [String], terminal: Terminal = .standard) -> Int32 {
        do {
            switch try CommandParser(self.declaration).parse(arguments) {
            case .show(let text):
                terminal.write(text)
                return 0
            case .run(let parsed):
                return try self.run(parsed, terminal)
            }
        } catch let error as CommandLineError {
            terminal.complain(error.message)
            return 2
        } catch {
            terminal.complain("\(error)")
            return 1
        }
    }

    private static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        guard let name = parsed.path.first else {
            // The parser lets a line without a command pass only where an option stands in for it.
            terminal.line("apus \(self.version)")
            return 0
        }
        guard let command = self.commands.first(where: { $0.declaration.name == name }) else {
            preconditionFailure("the parser accepts only declared commands")
        }
        return try command.run(parsed, terminal)
    }
}
