import Foundation
import MessageSchema
import Testing

@Suite("Evolution of schemas")
struct SchemaEvolutionTests {
    private static let baseline = """
        request ThingRequest key 3 versions 1-4 flexible 3+ unstable 4 {
            Id: int32 0+ entity brokerId
            Name: string 1+ nullable 2+ = null
            Parts: [Part] 2+ {
                Size: int64 2+ = -1
                Note: string 3+ nullable = null tag 0
            }
            Draft: int8 4+
            struct Shared 1+ {
                Host: string 1+
            }
        }
        """

    /// What is wrong after every `old` in the baseline became `new`.
    private static func problems(_ changes: [(old: String, new: String)]) throws -> [String] {
        var text = self.baseline
        for change in changes {
            #expect(text.contains(change.old), "\(change.old) is not in the baseline")
            text = text.replacing(change.old, with: change.new)
        }
        return SchemaEvolution(
            from: try SchemaParser.messages(in: self.baseline), to: try SchemaParser.messages(in: text)
        ).problems
    }

    @Test(
        "What older readers can live with is allowed",
        arguments: [
            ("versions 1-4", "versions 0-5"),
            ("    Draft: int8 4+", "    Draft: int16 4+"),
            ("    Draft: int8 4+\n", ""),
            ("    Draft: int8 4+", "    Draft: int8 4+\n    More: int8 4+"),
            (
                "Note: string 3+ nullable = null tag 0",
                "Note: string 3+ nullable = null tag 0\n        More: int8 3+ tag 1"
            ),
            ("entity brokerId", "ignorable"),
        ])
    func allowed(old: String, new: String) throws {
        #expect(try Self.problems([(old, new)]) == [])
    }

    @Test(
        "What would break them is named",
        arguments: [
            ("versions 1-4", "versions 2-4", "ThingRequest: versions 1-3 became 2-4"),
            ("flexible 3+", "flexible 2+", "ThingRequest: version 2 changes between fixed and flexible"),
            ("key 3", "key 4", "ThingRequest: key 3 became 4"),
            ("request ThingRequest", "request OtherRequest", "ThingRequest: the message is gone"),
            ("    Id: int32 0+ entity brokerId\n", "", "ThingRequest.Id: the field is gone"),
            ("Id: int32", "Id: int64", "ThingRequest.Id: type int32 became int64"),
            (
                "Name: string 1+ nullable 2+", "Name: string 2+ nullable 2+",
                "ThingRequest.Name: versions 1-3 became 2-3"
            ),
            ("nullable 2+ = null\n", "nullable = null\n", "ThingRequest.Name: null in versions 2-3 became 1-3"),
            ("= -1", "= 0", "ThingRequest.Parts.Size: default -1 became 0"),
            (
                "    Draft: int8 4+", "    Draft: int8 3+",
                "ThingRequest.Draft: a new field without a tag in version 3, which is in use"
            ),
            (
                "Size: int64 2+ = -1", "Size: int64 2+ = -1\n        More: int8 3+",
                "ThingRequest.Parts.More: a new field without a tag in version 3, which is in use"
            ),
            ("tag 0", "tag 1", "ThingRequest.Parts.Note: tag 0 became 1"),
            ("        Host: string 1+", "        Port: int32 4+", "ThingRequest.Shared.Host: the field is gone"),
        ])
    func refused(old: String, new: String, problem: String) throws {
        #expect(try Self.problems([(old, new)]).contains(problem))
    }

    @Test("Fields that change places are named")
    func order() throws {
        let problems = try Self.problems([
            ("    Id: int32 0+ entity brokerId\n", ""),
            ("    Draft: int8 4+", "    Id: int32 0+ entity brokerId\n    Draft: int8 4+"),
        ])
        #expect(problems == ["ThingRequest: the order of the fields became Name, Parts, Id"])
    }

    private static var root: URL {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root
    }

    @Test("The schemas keep what was promised, and the promise is written down")
    func promises() throws {
        for target in GeneratedTarget.all(packageAt: Self.root) {
            #expect(try target.brokenPromises() == [])
            let file = target.folder.appending(path: "Schemas/promised.baseline")
            #expect(FileManager.default.fileExists(atPath: file.path))
        }
    }
}
