import CommandLineArguments
import Testing

@Suite("Command lines")
struct CommandParserTests {
    @Test("options are read with their values in either form, and operands by their place")
    func options() throws {
        let parsed = try Self.run([
            "storage", "format", "-t", "ID", "--config=a=b", "--force", "--add", "x", "--add", "y",
        ])
        #expect(parsed.path == ["storage", "format"])
        #expect(parsed.value("--cluster-id") == "ID")
        #expect(parsed.required("--config") == "a=b")
        #expect(parsed.has("--force"))
        #expect(parsed.values("--add") == ["x", "y"])
        #expect(parsed.operands.isEmpty)
        let dump = try Self.run(["dump", "one", "--", "--two", "-"])
        #expect(dump.operands == ["one", "--two", "-"])
    }

    @Test(
        "what is wrong is said in one line",
        arguments: [
            ([], "apus: expected a command: storage, dump; see 'apus --help'"),
            (["storag"], "apus: 'storag' is not a command; did you mean 'storage'?; see 'apus --help'"),
            (["zzz"], "apus: 'zzz' is not a command; expected one of storage, dump; see 'apus --help'"),
            (["storage"], "apus storage: expected a command: format; see 'apus storage --help'"),
            (
                ["storage", "format", "--confg", "x"],
                "apus storage format: --confg is not an option; did you mean --config?; see 'apus storage format --help'"
            ),
            (["storage", "format"], "apus storage format: --config FILE is missing; see 'apus storage format --help'"),
            (
                ["storage", "format", "-c"],
                "apus storage format: --config needs a value: FILE; see 'apus storage format --help'"
            ),
            (
                ["storage", "format", "-c", "a", "-c", "b"],
                "apus storage format: --config is there twice; see 'apus storage format --help'"
            ),
            (
                ["storage", "format", "-c", "a", "--force=1"],
                "apus storage format: --force takes no value; see 'apus storage format --help'"
            ),
            (
                ["storage", "format", "-c", "a", "b"],
                "apus storage format: 'b' is one argument too many; see 'apus storage format --help'"
            ),
            (
                ["storage", "format", "-c", "a", "--as", "z"],
                "apus storage format: --as z: expected one of x, y; see 'apus storage format --help'"
            ),
            (
                ["storage", "format", "-c", "a", "--force", "--as", "x"],
                "apus storage format: --force and --as exclude each other; see 'apus storage format --help'"
            ),
            (["dump"], "apus dump: FILE is missing; see 'apus dump --help'"),
        ])
    func errors(arguments: [String], message: String) {
        do {
            _ = try CommandParser(Self.program).parse(arguments)
            Issue.record("accepted \(arguments)")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test("a number is checked where it is asked for")
    func integer() throws {
        let parsed = try Self.run(["storage", "format", "-c", "a", "--add", "-1"])
        #expect(throws: CommandLineError.self) { try parsed.integer("--add") }
        #expect(try parsed.integer("--add", least: -1) == -1)
        #expect(try parsed.integer("--cluster-id") == nil)
    }

    @Test("help shows usage, options and examples, whatever else is on the line")
    func help() throws {
        let outcome = try CommandParser(Self.program).parse(["storage", "format", "--force", "-h", "--nonsense"])
        #expect(
            outcome
                == .show(
                    """
                    Usage: apus storage format --config FILE [options]

                    Prepare directories.

                    Options:
                      -t, --cluster-id ID  The cluster.
                      -c, --config FILE    The configuration. Required.
                          --force          Do it again.
                          --add SPEC       More. May be repeated.
                          --as KIND        The kind. One of x, y.
                      -h, --help           Show this page.

                    Examples:
                      apus storage format -t ID -c FILE

                    """))
    }

    static let program = CommandDeclaration(
        "apus", "A log.",
        commands: [
            CommandDeclaration(
                "storage", "Directories.",
                commands: [
                    CommandDeclaration(
                        "format", "Prepare directories.",
                        options: [
                            OptionDeclaration("--cluster-id", short: "-t", value: "ID", "The cluster."),
                            OptionDeclaration(
                                "--config", short: "-c", value: "FILE", required: true, completion: .files,
                                "The configuration."),
                            .flag("--force", "Do it again."),
                            OptionDeclaration("--add", value: "SPEC", repeated: true, "More."),
                            OptionDeclaration("--as", value: "KIND", completion: .choices(["x", "y"]), "The kind."),
                        ],
                        exclusive: [["--force", "--as"]], examples: ["apus storage format -t ID -c FILE"])
                ]),
            CommandDeclaration(
                "dump", "Show files.",
                operands: [OperandDeclaration("FILE", repeated: true, completion: .files, "Files.")]),
        ])

    static func run(_ arguments: [String]) throws -> ParsedCommand {
        guard case .run(let parsed) = try CommandParser(Self.program).parse(arguments) else {
            throw TestFailure(text: "help was shown")
        }
        return parsed
    }
}

struct TestFailure: Error {
    var text: String
}
