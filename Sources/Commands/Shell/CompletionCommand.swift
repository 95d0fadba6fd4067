import CommandLineArguments

/// `apus completion`: what a shell needs to complete the commands of this program.
enum CompletionCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "completion", "Print a script that completes commands and options in a shell.",
                commands: ShellCompletion.allCases.map { CommandDeclaration($0.rawValue, "The script for \($0).") },
                examples: [
                    "source <(apus completion bash)", "apus completion zsh > ~/.zfunc/_apus",
                ])
        ) { parsed, terminal in
            guard let shell = parsed.path.last.flatMap(ShellCompletion.init) else {
                preconditionFailure("the parser accepts only declared commands")
            }
            terminal.write(shell.script(for: ApusProgram.declaration))
            return 0
        }
    }
}
