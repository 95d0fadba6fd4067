import CommandLineArguments

/// Where the content of files goes: tables and lines for people, or an object a line for programs.
struct DumpReport {
    private let terminal: Terminal
    private let isJSON: Bool
    /// Problems of all files so far.
    private(set) var problemCount = 0
    private var path = ""
    private var problemsBefore = 0
    private var table: TextTable?
    private var tableKind = ""
    private var rowCount = 0

    /// A table that is longer is written in pieces, each with titles, so that a large file needs little memory.
    private static let tableRowsMax = 500

    init(terminal: Terminal, isJSON: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
    }

    /// What follows is of this file.
    mutating func begin(_ path: String, _ kind: String) {
        self.path = path
        self.problemsBefore = self.problemCount
        if self.isJSON {
            self.object("file", [DumpField("kind", .string(kind))])
        } else {
            self.terminal.line("\(path) (\(kind))")
        }
    }

    /// The file is through.
    mutating func end() {
        self.flush()
        let count = self.problemCount - self.problemsBefore
        if count > 0 { self.terminal.complain("\(self.path): \(count) \(count == 1 ? "problem" : "problems")") }
        if !self.isJSON { self.terminal.line("") }
    }

    /// A row of the table of its kind; all rows of a kind have the same fields.
    mutating func row(_ kind: String, _ fields: [DumpField]) {
        guard !self.isJSON else { return self.object(kind, fields) }
        if self.tableKind != kind || self.rowCount == Self.tableRowsMax { self.flush() }
        let shown = fields.filter { $0.title != nil }
        if self.table == nil {
            self.tableKind = kind
            self.table = TextTable(
                shown.map { field in
                    if case .integer = field.value { return TextTable.Column(field.title ?? "", .right) }
                    return TextTable.Column(field.title ?? "")
                })
        }
        self.table?.add(shown.map(\.cell))
        self.rowCount += 1
    }

    /// The same on a line of its own, `title=cell` for each field, after `indent`.
    mutating func line(_ kind: String, indent: String = "", _ fields: [DumpField]) {
        guard !self.isJSON else { return self.object(kind, fields) }
        self.flush()
        let shown = fields.compactMap { field in field.title.map { "\($0)=\(field.cell)" } }
        self.terminal.line("\(indent)\(kind) \(shown.joined(separator: " "))")
    }

    /// Something is wrong, at a byte of the file where one can be named.
    mutating func problem(at position: Int64? = nil, _ message: String) {
        self.problemCount += 1
        guard !self.isJSON else {
            let place = position.map { [DumpField("position", .integer($0))] } ?? []
            return self.object("problem", place + [DumpField("message", .string(message))])
        }
        self.flush()
        let place = position.map { " at position \($0)" } ?? ""
        self.terminal.line("PROBLEM in \(self.path)\(place): \(message)")
    }

    private mutating func flush() {
        if let table = self.table { self.terminal.write(table.text) }
        self.table = nil
        self.rowCount = 0
    }

    private func object(_ kind: String, _ fields: [DumpField]) {
        let named = fields.compactMap { field in field.name.map { JSONValue.Member(name: $0, value: field.value) } }
        let front = [
            JSONValue.Member(name: "file", value: .string(self.path)),
            JSONValue.Member(name: "type", value: .string(kind)),
        ]
        self.terminal.line(JSONValue.object(front + named).text)
    }
}
