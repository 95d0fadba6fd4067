import Commands
import Foundation
import Synchronization
import Testing

@Suite("apus storage")
struct StorageCommandTests {
    /// What a command wrote and how it ended.
    struct Result: Equatable {
        var status: Int32
        var output: String
        var errors: String
    }

    static func run(_ arguments: String...) -> Result {
        let written = Mutex(("", ""))
        let terminal = Terminal(
            output: { text in written.withLock { $0.0 += text } }, errors: { text in written.withLock { $0.1 += text } }
        )
        let status = ApusProgram.run(arguments, terminal: terminal)
        return written.withLock { Result(status: status, output: $0.0, errors: $0.1) }
    }

    /// A folder with a configuration, which is removed afterwards.
    private static func withConfiguration(
        _ quorum: String = "controller.quorum.voters=1@localhost:9094",
        _ body: (_ file: String, _ data: String) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(at: folder)
            } catch {
                Issue.record(error)
            }
        }
        let data = folder.appendingPathComponent("data").path
        let text = """
            process.roles=broker,controller
            node.id=1
            \(quorum)
            controller.listener.names=CONTROLLER
            listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9094
            log.dirs=\(data)
            """
        let file = folder.appendingPathComponent("server.properties")
        try Data(text.utf8).write(to: file)
        try body(file.path, data)
    }

    @Test("a node is formatted, described, and not formatted again")
    func lifecycle() throws {
        try Self.withConfiguration { file, data in
            #expect(
                Self.run("storage", "info", "-c", file)
                    == Result(status: 1, output: "Found problem:\n  \(data) does not exist\n\n", errors: ""))
            #expect(
                Self.run("storage", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", file)
                    == Result(
                        status: 0, output: "Formatting metadata directory \(data) with metadata.version 4.3-IV0.\n",
                        errors: ""))
            let info = Self.run("storage", "info", "-c", file)
            #expect(info.status == 0)
            #expect(
                info.output.hasPrefix(
                    "Found log directory:\n  \(data)\n\nFound metadata: {cluster.id=MkU3OEVBNTcwNTJENDM2Qg, directory.id="
                ))
            #expect(info.output.hasSuffix(", node.id=1, version=1}\n\n"))
            let again = Self.run("storage", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", file)
            #expect(
                again
                    == Result(
                        status: 1, output: "",
                        errors: "Log directory \(data) is already formatted. Use --ignore-formatted to ignore this "
                            + "directory and format the others.\n"))
            #expect(
                Self.run("storage", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", file, "-g")
                    == Result(status: 0, output: "All of the log directories are already formatted.\n", errors: ""))
        }
    }

    @Test("a controller that is not told how its quorum begins says so")
    func quorum() throws {
        try Self.withConfiguration("controller.quorum.bootstrap.servers=localhost:9094") { file, data in
            let refused = Self.run("storage", "format", "-t", "x", "-c", file)
            #expect(refused.status == 1)
            #expect(refused.errors.hasPrefix("Because controller.quorum.voters is not set on this controller"))
            #expect(
                Self.run("storage", "format", "-t", "x", "-c", file, "--standalone").output
                    == "Formatting dynamic metadata voter directory \(data) with metadata.version 4.3-IV0.\n")
            #expect(Self.run("storage", "format", "-t", "x", "-c", file, "-s", "-N").status == 2)
        }
    }

    @Test("a release's features are listed as by Kafka")
    func versionMapping() {
        #expect(
            Self.run("storage", "version-mapping", "-r", "4.1").output == """
                metadata.version=27 (4.1)
                kraft.version=1
                transaction.version=2
                group.version=1
                eligible.leader.replicas.version=1
                share.version=0
                streams.version=0

                """)
    }

    @Test("a configuration that cannot be read is one line")
    func configuration() {
        #expect(
            Self.run("storage", "info", "-c", "/nonexistent")
                == Result(status: 1, output: "", errors: "/nonexistent: there is no such file\n"))
        #expect(
            Self.run("storage", "info")
                == Result(
                    status: 2, output: "",
                    errors: "apus storage info: --config FILE is missing; see 'apus storage info --help'\n"))
    }

    @Test("random ids differ and are of the right form")
    func randomUUID() {
        let ids = (0..<100).map { _ in Self.run("storage", "random-uuid").output }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.utf8.count == 23 && $0.hasSuffix("\n") && !$0.hasPrefix("-") })
    }

    @Test(
        "every command has a page of help",
        arguments: [
            [], ["storage"], ["storage", "format"], ["storage", "info"], ["storage", "random-uuid"], ["completion"],
            ["completion", "bash"],
        ])
    func help(path: [String]) {
        let written = Mutex("")
        let terminal = Terminal(output: { text in written.withLock { $0 += text } }, errors: { Issue.record("\($0)") })
        #expect(ApusProgram.run(path + ["--help"], terminal: terminal) == 0)
        let page = written.withLock { $0 }
        #expect(page.hasPrefix("Usage: \((["apus"] + path).joined(separator: " "))"))
        #expect(page.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test("the version is told")
    func version() {
        #expect(Self.run("--version") == Result(status: 0, output: "apus \(ApusProgram.version)\n", errors: ""))
    }
}
