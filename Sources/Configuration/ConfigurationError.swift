/// Why a configuration was refused. Equality is on the code.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case malformedOverride
        case malformedEscape
        case fileTooLarge
        /// A required key is missing.
        case missingKey
        /// A value is not of its type or not allowed.
        case invalidValue
        /// Values that are allowed alone contradict each other.
        case conflict
        /// The configuration asks for something that this program does not have.
        case unsupported
        case unknownKey
    }

    package var code: Code
    /// One line for people; never holds a secret.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: ConfigurationError, rhs: ConfigurationError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
