import Foundation
import MessageSchema
import Testing

@Suite("Generated folders")
struct GeneratedTargetTests {
    private static var root: URL {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root
    }

    /// A package with the schemas of one request and one stored message, in a folder of its own.
    private static func package() throws -> URL {
        let root = FileManager.default.temporaryDirectory.appending(path: "schemas-\(UUID().uuidString)")
        let thing = """
            request ThingRequest key 0 versions 0 listeners broker {
                A: int32 0
            }

            response ThingResponse versions 0 {
                B: int32 0
            }
            """
        for (path, text) in [
            ("KafkaProtocol/Schemas/Thing.schema", thing),
            ("KafkaStoredMessages/Schemas/Data/Other.schema", "data Other versions 0 {\n    C: int8 0\n}"),
        ] {
            let file = root.appending(path: "Sources/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return root
    }

    /// The status with which `generate-messages` ends, run on `package`.
    private static func status(_ arguments: [String], package: URL) throws -> Int32 {
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        var folder = products
        while !FileManager.default.isExecutableFile(atPath: folder.appending(path: "generate-messages").path),
            folder.path != "/"
        {
            folder.deleteLastPathComponent()
        }
        let process = Process()
        process.executableURL = folder.appending(path: "generate-messages")
        process.arguments = arguments + [package.path]
        process.standardOutput = Pipe()
        process.standardError = Pipe()
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test("what is checked in is what the schemas say, to the byte")
    func upToDate() throws {
        let differences = try GeneratedTarget.all(packageAt: Self.root).flatMap { try $0.differences() }
        #expect(differences == [])
    }

    @Test("a check ends with 1 while a byte, a missing or a leftover file differs, and changes nothing")
    func check() throws {
        let package = try Self.package()
        defer { try? FileManager.default.removeItem(at: package) }
        let generated = package.appending(path: "Sources/KafkaProtocol/Generated")
        let request = generated.appending(path: "ThingRequest.swift")

        #expect(try Self.status(["--check"], package: package) == 1)
        #expect(!FileManager.default.fileExists(atPath: request.path))
        #expect(try Self.status([], package: package) == 0)
        #expect(try Self.status(["--check"], package: package) == 0)

        let text = try String(contentsOf: request, encoding: .utf8)
        try Data((text + " ").utf8).write(to: request)
        #expect(try Self.status(["--check"], package: package) == 1)
        #expect(try Self.status([], package: package) == 0)
        #expect(try String(contentsOf: request, encoding: .utf8) == text)

        let leftover = generated.appending(path: "GoneRequest.swift")
        try Data("// old".utf8).write(to: leftover)
        #expect(try Self.status(["--check"], package: package) == 1)
        #expect(try Self.status([], package: package) == 0)
        #expect(!FileManager.default.fileExists(atPath: leftover.path))
    }

    @Test("arguments it does not know, and schemas that are none, end with 2")
    func errors() throws {
        let package = try Self.package()
        defer { try? FileManager.default.removeItem(at: package) }
        #expect(try Self.status(["--chek"], package: package) == 2)
        let schema = package.appending(path: "Sources/KafkaProtocol/Schemas/Thing.schema")
        try Data("request Thing".utf8).write(to: schema)
        #expect(try Self.status(["--check"], package: package) == 2)
    }
}
