/// A part of the configuration that the node cannot start with; one line for the operator.
package struct StartError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// A listener cannot be bound or secured.
        case listener
        /// A directory is not formatted, damaged, or in use.
        case storage
        /// The quorum's configuration does not fit this node.
        case quorum
        /// The system refuses threads or descriptors.
        case system
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: StartError, rhs: StartError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
