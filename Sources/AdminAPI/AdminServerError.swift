/// Why HTTP is not served. Equality is on the code.
package struct AdminServerError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The address cannot be listened on.
        case address
        /// The system gave no memory, descriptor or thread.
        case resources
    }

    package var code: Code
    package var message: String

    package static func == (lhs: AdminServerError, rhs: AdminServerError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
