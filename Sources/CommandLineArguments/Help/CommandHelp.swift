/// The page behind `--help`.
package enum CommandHelp {
    private static let width = 100
    private static let titleWidthMax = 34

    /// The page of `command`, which is called by the names in `path`, the program's first.
    package static func page(for command: CommandDeclaration, path: [String]) -> String {
        var sections = [self.usage(of: command, path: path), TextWrap.wrap(command.summary, width: self.width)]
        if !command.discussion.isEmpty {
            let paragraphs = command.discussion.split(separator: "\n\n").map {
                TextWrap.wrap(String($0), width: self.width)
            }
            sections.append(paragraphs.joined(separator: "\n\n"))
        }
        if !command.commands.isEmpty {
            sections.append(self.list("Commands:", command.commands.map { ($0.name, $0.summary) }))
        }
        if !command.operands.isEmpty {
            sections.append(self.list("Arguments:", command.operands.map { ($0.usage, $0.help) }))
        }
        sections.append(self.list("Options:", command.allOptions.map { ($0.title, self.help(of: $0)) }))
        if !command.examples.isEmpty {
            sections.append((["Examples:"] + command.examples.map { "  \($0)" }).joined(separator: "\n"))
        }
        if !command.commands.isEmpty {
            sections.append("'\(path.joined(separator: " ")) COMMAND --help' tells more about a command.")
        }
        return sections.joined(separator: "\n\n") + "\n"
    }

    private static func usage(of command: CommandDeclaration, path: [String]) -> String {
        var words = path
        if !command.commands.isEmpty { words.append("COMMAND") }
        for option in command.options where option.isRequired {
            words.append(option.name)
            if let value = option.value { words.append(value) }
        }
        if command.options.contains(where: { !$0.isRequired }) { words.append("[options]") }
        words += command.operands.map(\.usage)
        return "Usage: " + words.joined(separator: " ")
    }

    private static func help(of option: OptionDeclaration) -> String {
        var help = option.help
        if case .choices(let choices) = option.completion { help += " One of \(choices.joined(separator: ", "))." }
        if option.isRequired { help += " Required." }
        if option.isRepeated { help += " May be repeated." }
        return help
    }

    private static func list(_ title: String, _ entries: [(title: String, help: String)]) -> String {
        let fitting = entries.map(\.title.count).filter { $0 <= self.titleWidthMax }
        let column = (fitting.max() ?? 0) + 4
        var lines = [title]
        for entry in entries {
            let help = TextWrap.lines(entry.help, width: self.width - column)
            let indent = String(repeating: " ", count: column)
            if entry.title.count > self.titleWidthMax {
                lines.append("  \(entry.title)")
                lines += help.map { indent + $0 }
            } else {
                let padding = String(repeating: " ", count: column - 2 - entry.title.count)
                lines.append("  \(entry.title)\(padding)\(help.first ?? "")")
                lines += help.dropFirst().map { indent + $0 }
            }
        }
        return lines.joined(separator: "\n")
    }
}
