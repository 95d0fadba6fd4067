import CommandLineArguments
import Testing

@Suite("Output")
struct OutputTests {
    @Test("columns are as wide as their widest cell, numbers to the right")
    func table() {
        var table = TextTable([.init("TOPIC"), .init("LAG", .right), .init("HOST")])
        table.add(["orders", "5", "a"])
        table.add(["x", "12345", ""])
        #expect(table.text == "TOPIC     LAG  HOST\norders      5  a\nx       12345\n")
    }

    @Test("JSON keeps the order of keys and escapes what must be")
    func json() {
        let value = JSONValue.object([
            "b": .array([.integer(1), .null, .double(0.5), .double(.nan)]), "a": .string("\"\\\n\u{1}é"),
            "empty": .array([]), "c": .object(["d": .boolean(true)]),
        ])
        #expect(value.text == #"{"b":[1,null,0.5,null],"a":"\"\\\n\u0001é","empty":[],"c":{"d":true}}"#)
        #expect(
            value.indentedText == #"""
                {
                  "b": [
                    1,
                    null,
                    0.5,
                    null
                  ],
                  "a": "\"\\\n\u0001é",
                  "empty": [],
                  "c": {
                    "d": true
                  }
                }
                """#)
    }
}
