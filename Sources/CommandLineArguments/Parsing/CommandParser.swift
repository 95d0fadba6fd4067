import ApusCore

/// Reads the arguments of a program.
package struct CommandParser: Sendable {
    package let program: CommandDeclaration

    /// What a command line asks for.
    package enum Outcome: Hashable, Sendable {
        case run(ParsedCommand)
        /// Show this text and succeed.
        case show(String)
    }

    package init(_ program: CommandDeclaration) {
        self.program = program
    }

    /// What `arguments`, without the program's name, ask for.
    ///
    /// - Throws: `CommandLineError` with one line for people.
    package func parse(_ arguments: [String]) throws(CommandLineError) -> Outcome {
        var rest = arguments[...]
        var path: [String] = []
        var command = self.program
        while !command.commands.isEmpty, let name = rest.first, !name.hasPrefix("-") {
            guard let next = command.commands.first(where: { $0.name == name }) else {
                throw self.unknownCommand(name, below: command, path: path)
            }
            path.append(name)
            command = next
            rest = rest.dropFirst()
        }
        var parsed = ParsedCommand(program: self.program.name, path: path)
        if try self.read(rest, command, into: &parsed) {
            return .show(CommandHelp.page(for: command, path: [self.program.name] + path))
        }
        if !command.commands.isEmpty, !command.options.contains(where: { parsed.isGiven($0.name) }) {
            let names = command.commands.map(\.name).joined(separator: ", ")
            throw CommandLineError(.missingCommand, self.names(path), "expected a command: \(names)")
        }
        try self.check(parsed, command)
        return .run(parsed)
    }

    /// True where `--help` was met.
    private func read(
        _ arguments: ArraySlice<String>, _ command: CommandDeclaration, into parsed: inout ParsedCommand
    ) throws(CommandLineError) -> Bool {
        var rest = arguments
        var optionsEnded = false
        while let argument = rest.popFirst() {
            if optionsEnded || !argument.hasPrefix("-") || argument == "-" {
                try self.add(operand: argument, command, to: &parsed)
            } else if argument == "--" {
                optionsEnded = true
            } else {
                let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(sides[0])
                guard let option = command.allOptions.first(where: { $0.name == name || $0.short == name }) else {
                    throw self.unknownOption(name, command, path: parsed.path)
                }
                if option == CommandDeclaration.helpOption { return true }
                let attached = sides.count == 2 ? String(sides[1]) : nil
                try self.add(option, attached: attached, rest: &rest, to: &parsed)
            }
        }
        return false
    }

    private func add(
        _ option: OptionDeclaration, attached: String?, rest: inout ArraySlice<String>, to parsed: inout ParsedCommand
    ) throws(CommandLineError) {
        let names = self.names(parsed.path)
        if parsed.isGiven(option.name), !option.isRepeated {
            throw CommandLineError(.repeatedOption, names, "\(option.name) is there twice")
        }
        guard let valueName = option.value else {
            if attached != nil { throw CommandLineError(.unexpectedValue, names, "\(option.name) takes no value") }
            parsed.add(flag: option.name)
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw CommandLineError(.missingValue, names, "\(option.name) needs a value: \(valueName)")
        }
        if case .choices(let choices) = option.completion, !choices.contains(value) {
            throw CommandLineError(
                .invalidValue, names,
                "\(option.name) \(value): expected one of \(choices.joined(separator: ", "))")
        }
        parsed.add(value, to: option.name)
    }

    private func add(
        operand: String, _ command: CommandDeclaration, to parsed: inout ParsedCommand
    ) throws(CommandLineError) {
        let count = parsed.operands.count
        let takesMore = count < command.operands.count || command.operands.last?.isRepeated == true
        guard takesMore else {
            throw CommandLineError(.unexpectedOperand, self.names(parsed.path), "'\(operand)' is one argument too many")
        }
        parsed.add(operand: operand)
    }

    private func check(_ parsed: ParsedCommand, _ command: CommandDeclaration) throws(CommandLineError) {
        let names = self.names(parsed.path)
        for option in command.options where option.isRequired && !parsed.isGiven(option.name) {
            throw CommandLineError(.missingOption, names, "\(option.name) \(option.value ?? "") is missing")
        }
        for group in command.exclusive {
            let given = group.filter(parsed.isGiven)
            if given.count > 1 {
                let list = given.joined(separator: " and ")
                throw CommandLineError(.exclusiveOptions, names, "\(list) exclude each other")
            }
        }
        let required = command.operands.filter(\.isRequired)
        if parsed.operands.count < required.count {
            throw CommandLineError(.missingOperand, names, "\(required[parsed.operands.count].name) is missing")
        }
    }

    private func unknownCommand(_ name: String, below command: CommandDeclaration, path: [String]) -> CommandLineError {
        let known = command.commands.map(\.name)
        let hint = NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
        return CommandLineError(
            .unknownCommand, self.names(path),
            "'\(name)' is not a command; \(hint ?? "expected one of \(known.joined(separator: ", "))")")
    }

    private func unknownOption(_ name: String, _ command: CommandDeclaration, path: [String]) -> CommandLineError {
        let hint = NearestName.of(name, among: command.allOptions.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        return CommandLineError(.unknownOption, self.names(path), "\(name) is not an option\(hint)")
    }

    private func names(_ path: [String]) -> [String] { [self.program.name] + path }
}
