/// A command line that was understood.
package struct ParsedCommand: Hashable, Sendable {
    /// The names of the command, without the program's: `["storage", "format"]`.
    package var path: [String]
    private let program: String
    private var values: [String: [String]] = [:]
    private var flags: Set<String> = []
    /// The arguments that are known by their place.
    package private(set) var operands: [String] = []

    init(program: String, path: [String]) {
        self.program = program
        self.path = path
    }

    /// The value of an option, the last one where it was given more than once.
    package func value(_ option: String) -> String? { self.values[option]?.last }

    /// All values of an option that may be repeated, in their order.
    package func values(_ option: String) -> [String] { self.values[option] ?? [] }

    /// True where the flag was given.
    package func has(_ flag: String) -> Bool { self.flags.contains(flag) }

    /// The value of an option that the declaration requires.
    package func required(_ option: String) -> String {
        guard let value = self.value(option) else { preconditionFailure("\(option) is not declared as required") }
        return value
    }

    /// The value of an option as a number of at least `least`.
    ///
    /// - Throws: `CommandLineError` where it is something else.
    package func integer(_ option: String, least: Int = 0) throws(CommandLineError) -> Int? {
        guard let text = self.value(option) else { return nil }
        guard let number = Int(text), number >= least else {
            throw self.invalid(option, "an integer of at least \(least)")
        }
        return number
    }

    /// The error for a value that is not what it should be: `expected` ends the sentence.
    package func invalid(_ option: String, _ expected: String) -> CommandLineError {
        CommandLineError(
            .invalidValue, [self.program] + self.path,
            "\(option) \(self.value(option) ?? ""): expected \(expected)")
    }

    mutating func add(_ value: String, to option: String) {
        self.values[option, default: []].append(value)
    }

    mutating func add(flag: String) {
        self.flags.insert(flag)
    }

    mutating func add(operand: String) {
        self.operands.append(operand)
    }

    func isGiven(_ option: String) -> Bool {
        self.flags.contains(option) || self.values[option] != nil
    }
}
