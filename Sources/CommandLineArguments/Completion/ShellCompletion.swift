/// Scripts that teach a shell the commands and options of a program.
package enum ShellCompletion: String, Hashable, Sendable, CaseIterable {
    case bash
    case zsh

    /// The script for `program`.
    package func script(for program: CommandDeclaration) -> String {
        switch self {
        case .bash: BashCompletion.script(for: program)
        case .zsh: ZshCompletion.script(for: program)
        }
    }
}

extension CommandDeclaration {
    /// This command and all below it, each with its path; the program's own path is empty.
    var tree: [(path: [String], command: CommandDeclaration)] {
        [([], self)]
            + self.commands.flatMap { command in
                command.tree.map { (path: [command.name] + $0.path, command: $0.command) }
            }
    }
}
