import MessageSchema
import Testing

@Suite("Schema notation")
struct SchemaParserTests {
    @Test("every word of the notation reaches the model")
    func words() throws {
        let text = """
            # A comment.
            request ThingRequest key 7 versions 0-4 flexible 2+ unstable 4 listeners broker,controller equatable {
                Id: int32 0+ = -1 entity brokerId mapkey  # and another
                Names: [string] 1-3 nullable 2+ ignorable
                Mark: string 3+ nullable = null tag 5
                Parts: [Part] 0+ {
                    Size: int64 0+ = 0x7fffffff
                }
                Label: string 0+ inflexible
                struct Shared 2+ {
                    Flag: bool 2+ = true
                }
            }
            """
        var label = FieldDefinition(name: "Label", type: .string, versions: VersionRange(0, .max))
        label.isInflexible = true
        let expected = MessageDefinition(
            kind: .request, name: "ThingRequest", versions: VersionRange(0, 4), key: 7, flexibleFrom: 2,
            unstableVersion: 4, listeners: ["broker", "controller"], isEquatable: true,
            fields: [
                FieldDefinition(
                    name: "Id", type: .int32, versions: VersionRange(0, .max), defaultText: "-1",
                    entityType: "brokerId", isMapKey: true),
                FieldDefinition(
                    name: "Names", type: .array(.string), versions: VersionRange(1, 3),
                    nullable: VersionRange(2, .max), isIgnorable: true),
                FieldDefinition(
                    name: "Mark", type: .string, versions: VersionRange(3, .max), nullable: VersionRange(3, .max),
                    defaultText: "null", tag: 5),
                FieldDefinition(
                    name: "Parts", type: .array(.structure("Part")), versions: VersionRange(0, .max),
                    fields: [
                        FieldDefinition(
                            name: "Size", type: .int64, versions: VersionRange(0, .max), defaultText: "0x7fffffff")
                    ]),
                label,
            ],
            sharedStructures: [
                StructureDefinition(
                    name: "Shared", versions: VersionRange(2, .max),
                    fields: [
                        FieldDefinition(
                            name: "Flag", type: .bool, versions: VersionRange(2, .max), defaultText: "true")
                    ])
            ])
        #expect(try SchemaParser.messages(in: text) == [expected])
    }

    @Test(
        "what is not the notation is refused with its line",
        arguments: [
            ("thing X versions 0 {\n}", 1),
            ("data X {\n}", 1),
            ("data X versions 0", 1),
            ("data X versions 0 {", 1),
            ("data X versions 0 loud {\n}", 1),
            ("data X versions 0 {\n  A int32 0\n}", 2),
            ("data X versions 0 {\n  A: int33 0\n}", 2),
            ("data X versions 0 {\n  A: int32\n}", 2),
            ("data X versions 0 {\n  A: int32 0 nullable\n}", 2),
            ("data X versions 0 {\n  A: int32 0 = one\n}", 2),
            ("data X versions 0 {\n  A: string 0 = null\n}", 2),
            ("data X versions 0 {\n  A: [[int32]] 0\n}", 2),
            ("data X versions 0 {\n  A: P 0 {\n    struct Q 0 {\n    }\n  }\n}", 3),
        ])
    func refusals(text: String, line: Int) {
        let error = #expect(throws: SchemaError.self) { _ = try SchemaParser.messages(in: text) }
        #expect(error?.line == line)
    }

    @Test(
        "a structure that is unknown, declared twice or never used is refused",
        arguments: [
            "data X versions 0 {\n  A: P 0\n}",
            "data X versions 0 {\n  A: P 0 {\n    B: int8 0\n  }\n  C: P 0 {\n    B: int8 0\n  }\n}",
            "data X versions 0 {\n  struct P 0 {\n    B: int8 0\n  }\n}",
            "data X versions 0 {\n  A: int8 0 {\n    B: int8 0\n  }\n}",
        ])
    func structures(text: String) throws {
        let message = try #require(try SchemaParser.messages(in: text).first)
        #expect(throws: SchemaError.self) { _ = try MessageLayout(message) }
    }
}
