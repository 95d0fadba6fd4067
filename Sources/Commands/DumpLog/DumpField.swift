import ApusCore
import CommandLineArguments
import Telemetry

/// One property of something that is shown: a member of an object for programs, a column for people.
struct DumpField {
    /// The name of the member; nil where programs find it in other members.
    var name: String?
    var value: JSONValue
    /// The title of the column; nil where people are not shown it.
    var title: String?
    var cell: String

    /// Shown to both.
    init(_ name: String, title: String? = nil, _ value: JSONValue, cell: String? = nil) {
        self.name = name
        self.value = value
        self.title = title ?? name
        self.cell = cell ?? Self.cell(value)
    }

    static func number(_ name: String, title: String? = nil, _ value: some BinaryInteger) -> DumpField {
        DumpField(name, title: title, .integer(Int64(value)))
    }

    static func number(_ name: String, title: String? = nil, _ value: some IntegerValue) -> DumpField {
        .number(name, title: title, value.rawValue)
    }

    static func text(_ name: String, title: String? = nil, _ value: String) -> DumpField {
        DumpField(name, title: title, .string(value))
    }

    /// Milliseconds for programs, a date for people.
    static func time(_ name: String, title: String? = nil, _ value: Timestamp) -> DumpField {
        // The years that four digits can show; beyond them, as in damaged files, the number says more.
        let isDate = value >= 0 && value.rawValue < 253_402_300_800_000
        return DumpField(
            name, title: title, .integer(value.rawValue), cell: isDate ? UTCTime(value).description : "\(value)")
    }

    /// Only for people.
    static func shown(_ title: String, _ cell: String) -> DumpField {
        var field = DumpField(title, .null, cell: cell)
        field.name = nil
        return field
    }

    /// Only for programs.
    static func hidden(_ name: String, _ value: JSONValue) -> DumpField {
        var field = DumpField(name, value)
        field.title = nil
        return field
    }

    private static func cell(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return value.text
    }
}
