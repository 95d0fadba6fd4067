import CommandLineArguments
import Foundation
import Testing

@Suite("Completion")
struct ShellCompletionTests {
    @Test(
        "bash offers what the declaration allows at that place",
        arguments: [
            (["apus", ""], ["storage", "dump", "--help", "-h"]), (["apus", "s"], ["storage"]),
            (["apus", "storage", ""], ["format", "--help", "-h"]),
            (["apus", "storage", "format", "--c"], ["--cluster-id", "--config"]),
            (["apus", "storage", "format", "--as", ""], ["x", "y"]),
            (["apus", "storage", "format", "--as", "x", "--fo"], ["--force"]),
            (["apus", "storage", "format", "-t", ""], []),
        ])
    func bash(words: [String], expected: [String]) throws {
        let script = ShellCompletion.bash.script(for: CommandParserTests.program)
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let probe =
            "COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); _apus_complete; printf '%s\\n' \"${COMPREPLY[@]}\""
        #expect(try Self.shell("\(script)\n\(probe)") == expected)
    }

    @Test("bash offers files where a file is meant")
    func files() throws {
        let script = ShellCompletion.bash.script(for: CommandParserTests.program)
        for words in ["apus storage format -c /et", "apus dump /et"] {
            let count = words.split(separator: " ").count
            let probe =
                "COMP_WORDS=(\(words)); COMP_CWORD=\(count - 1); _apus_complete; printf '%s\\n' \"${COMPREPLY[@]}\""
            #expect(try Self.shell("\(script)\n\(probe)") == ["/etc"])
        }
    }

    @Test("zsh gets a function for every command")
    func zsh() {
        let script = ShellCompletion.zsh.script(for: CommandParserTests.program)
        #expect(script.hasPrefix("#compdef apus\n"))
        #expect(script.hasSuffix("\n_apus \"$@\"\n"))
        for line in [
            "_apus_storage_format() {", "        'storage:Directories.'", "        storage) _apus_storage ;;",
            "        '(-c --config)'{-c,--config}'[The configuration.]:FILE:_files' \\",
            "        '--as[The kind.]:KIND:(x y)' \\", "        '*:FILE:_files'",
        ] {
            #expect(script.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
    }

    private static func shell(_ script: String) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["--norc", "-c", script]
        process.standardOutput = output
        try process.run()
        let text = String(data: try output.fileHandleForReading.readToEnd() ?? Data(), encoding: .utf8) ?? ""
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }
}
