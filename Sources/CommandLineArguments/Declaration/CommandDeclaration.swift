/// A command, with the commands below it.
package struct CommandDeclaration: Hashable, Sendable {
    package var name: String
    /// One line, for the list of commands.
    package var summary: String
    /// What a newcomer needs to know, in paragraphs; empty where the summary says it all.
    package var discussion: String
    package var options: [OptionDeclaration]
    /// Options of which exactly one may be given at most.
    package var exclusive: [[String]]
    package var operands: [OperandDeclaration]
    package var commands: [CommandDeclaration]
    /// Whole command lines that work.
    package var examples: [String]

    package init(
        _ name: String, _ summary: String, discussion: String = "", options: [OptionDeclaration] = [],
        exclusive: [[String]] = [], operands: [OperandDeclaration] = [], commands: [CommandDeclaration] = [],
        examples: [String] = []
    ) {
        precondition(commands.isEmpty || operands.isEmpty, "\(name) takes commands or operands, not both")
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.options = options
        self.exclusive = exclusive
        self.operands = operands
        self.commands = commands
        self.examples = examples
    }

    /// What every command takes besides its own.
    static let helpOption = OptionDeclaration.flag("--help", short: "-h", "Show this page.")

    /// The options, `--help` among them.
    var allOptions: [OptionDeclaration] { self.options + [Self.helpOption] }

    /// The command at `path`, whose names lie below this one.
    func command(at path: [String]) -> CommandDeclaration? {
        var command = self
        for name in path {
            guard let next = command.commands.first(where: { $0.name == name }) else { return nil }
            command = next
        }
        return command
    }
}
