/// The completion of zsh.
enum ZshCompletion {
    static func script(for program: CommandDeclaration) -> String {
        var lines = [
            "#compdef \(program.name)", "# Completion of \(program.name) for zsh: put it into a folder of $fpath.",
        ]
        for (path, command) in program.tree {
            lines += self.function(for: command, name: self.functionName(program.name, path))
        }
        lines.append("\(self.functionName(program.name, [])) \"$@\"")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func functionName(_ program: String, _ path: [String]) -> String {
        "_" + ([program] + path).joined(separator: "_").map { $0 == "-" ? "_" : String($0) }.joined()
    }

    private static func function(for command: CommandDeclaration, name: String) -> [String] {
        var specifications = command.allOptions.map(self.specification)
        for operand in command.operands {
            let place = operand.isRepeated ? "*" : ""
            specifications.append("'\(place):\(operand.name):\(self.action(operand.completion))'")
        }
        guard !command.commands.isEmpty else {
            return [
                "\(name)() {", "    _arguments -s \\", "        " + specifications.joined(separator: " \\\n        "),
                "}",
            ]
        }
        let entries = command.commands.map { "        '\($0.name):\(self.escaped($0.summary))'" }
        let cases = command.commands.map { below in
            "        \(below.name)) \(name)_\(below.name.map { $0 == "-" ? "_" : String($0) }.joined()) ;;"
        }
        specifications += ["'1: :->command'", "'*:: :->rest'"]
        return [
            "\(name)() {", "    local -a commands", "    local state line", "    commands=(",
        ] + entries + [
            "    )", "    _arguments -s -C \\", "        " + specifications.joined(separator: " \\\n        "),
            "    case $state in", "    command) _describe command commands ;;", "    rest)", "        case $line[1] in",
        ] + cases + ["        esac ;;", "    esac", "}"]
    }

    /// `'(-c --config)'{-c,--config}'[help]:FILE:_files'`
    private static func specification(_ option: OptionDeclaration) -> String {
        let help = "[\(self.escaped(option.help))]"
        let value = option.value.map { ":\($0):\(self.action(option.completion))" } ?? ""
        let star = option.isRepeated ? "*" : ""
        guard let short = option.short else { return "'\(star)\(option.name)\(help)\(value)'" }
        let exclusion = option.isRepeated ? "'*'" : "'(\(short) \(option.name))'"
        return "\(exclusion){\(short),\(option.name)}'\(help)\(value)'"
    }

    private static func action(_ completion: OptionDeclaration.Completion) -> String {
        switch completion {
        case .nothing: " "
        case .files: "_files"
        case .directories: "_files -/"
        case .choices(let choices): "(\(choices.joined(separator: " ")))"
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "'": escaped += "'\\''"
            case "[", "]", ":", "\\": escaped += "\\\(character)"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
