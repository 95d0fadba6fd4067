/// The completion of bash.
enum BashCompletion {
    static func script(for program: CommandDeclaration) -> String {
        let function = "_\(program.name)_complete"
        var lines = [
            "# Completion of \(program.name) for bash: source it, or put it into /etc/bash_completion.d.",
            "\(function)() {",
            "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= word",
            "    COMPREPLY=()",
            "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do",
            "        case \"$path $word\" in",
        ]
        for (path, _) in program.tree where !path.isEmpty {
            let parent = path.dropLast().joined(separator: "/")
            lines.append("        '\(parent) \(path[path.count - 1])') path=\(path.joined(separator: "/")) ;;")
        }
        lines += ["        esac", "    done", "    case \"$path:$previous\" in"]
        for (path, command) in program.tree {
            for option in command.allOptions where option.value != nil {
                let names = [option.name, option.short].compactMap { $0 }
                let patterns = names.map { "'\(path.joined(separator: "/")):\($0)'" }.joined(separator: "|")
                lines.append("    \(patterns)) \(self.reply(option.completion)); return ;;")
            }
        }
        lines += ["    esac", "    case \"$path\" in"]
        for (path, command) in program.tree {
            let options = command.allOptions.flatMap { [$0.name, $0.short].compactMap { $0 } }
            let words = (command.commands.map(\.name) + options).joined(separator: " ")
            lines.append("    '\(path.joined(separator: "/"))')")
            if let operand = command.operands.first, operand.completion != .nothing {
                lines.append("        [[ $current == -* ]] || { \(self.reply(operand.completion)); return; }")
            }
            lines.append("        COMPREPLY=($(compgen -W '\(words)' -- \"$current\")) ;;")
        }
        lines += ["    esac", "}", "complete -F \(function) \(program.name)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func reply(_ completion: OptionDeclaration.Completion) -> String {
        switch completion {
        case .nothing: "COMPREPLY=()"
        case .files: "COMPREPLY=($(compgen -f -- \"$current\"))"
        case .directories: "COMPREPLY=($(compgen -d -- \"$current\"))"
        case .choices(let choices):
            "COMPREPLY=($(compgen -W '\(choices.joined(separator: " "))' -- \"$current\"))"
        }
    }
}
