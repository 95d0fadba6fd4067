import Configuration
import Testing

@Suite("server.properties")
struct PropertyFileTests {
    @Test(
        "a line is split as Java splits it",
        arguments: [
            ("a=b", "a", "b"), ("a:b", "a", "b"), ("a b", "a", "b"), ("  a  =  b  ", "a", "b  "), ("a", "a", ""),
            ("a==b", "a", "=b"), ("a = :b", "a", ":b"), ("a\\=b=c", "a=b", "c"), ("a\\ b c", "a b", "c"),
            ("a=\\u0041\\t\\q", "a", "A\tq"), ("a=\\ud83d\\ude00", "a", "\u{1f600}"), ("=b", "", "b"),
            ("a=b\\\\", "a", "b\\"), ("a=b\\", "a", "b"), ("a\t:\tb", "a", "b"),
        ])
    func syntax(line: String, key: String, value: String) throws {
        let properties = try PropertyFile.parse(line, file: "f")
        #expect(properties.entries == [Property(key: key, value: value, origin: .file("f", line: 1))])
    }

    @Test("comments and blank lines are skipped, continuations joined, and lines counted")
    func lines() throws {
        let text = "# one\n\n! two\r\nlisteners=A,\\\r\n   # not a comment,\\\n\tB\nc=d\n  \\\n"
        let properties = try PropertyFile.parse(text, file: "f")
        #expect(
            properties.entries == [
                Property(key: "listeners", value: "A,# not a comment,B", origin: .file("f", line: 4)),
                Property(key: "c", value: "d", origin: .file("f", line: 7)),
            ])
    }

    @Test("of two equal keys the last counts, and the command line comes last")
    func precedence() throws {
        var properties = try PropertyFile.parse("a=1\na=2\nb=3\n", file: "f")
        #expect(properties["a"] == Property(key: "a", value: "2", origin: .file("f", line: 2)))
        try properties.override("a=x=y")
        #expect(properties["a"] == Property(key: "a", value: "x=y", origin: .commandLine))
        #expect(properties.values == ["a": "x=y", "b": "3"])
    }

    @Test("a broken escape and an override without a key are refused")
    func refusals() {
        #expect(throws: ConfigurationError(.malformedEscape, "")) { try PropertyFile.parse("a=\\u12", file: "f") }
        var properties = Properties()
        #expect(throws: ConfigurationError(.malformedOverride, "")) { try properties.override("=1") }
        #expect(throws: ConfigurationError(.malformedOverride, "")) { try properties.override("a") }
    }
}
