package import CommandLineArguments

/// One command: what it takes, and what it does.
package struct Command: Sendable {
    package var declaration: CommandDeclaration
    /// Does the command at the path of the parsed arguments, and returns the exit status.
    package var run: @Sendable (ParsedCommand, Terminal) throws -> Int32

    package init(
        _ declaration: CommandDeclaration, run: @escaping @Sendable (ParsedCommand, Terminal) throws -> Int32
    ) {
        self.declaration = declaration
        self.run = run
    }
}
