/// Why a command did not do what it was asked, in a line for people.
package struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { self.message }
}
