/// What is wrong with a command line. Equality is on the code.
package struct CommandLineError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case unknownCommand
        case missingCommand
        case unknownOption
        case missingOption
        case repeatedOption
        case exclusiveOptions
        case missingValue
        case unexpectedValue
        case invalidValue
        case missingOperand
        case unexpectedOperand
    }

    package var code: Code
    /// One line for people, with the command it is about and where to read more.
    package var message: String

    init(_ code: Code, _ command: [String], _ message: String) {
        let name = command.joined(separator: " ")
        self.code = code
        self.message = "\(name): \(message); see '\(name) --help'"
    }

    package static func == (lhs: CommandLineError, rhs: CommandLineError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
