/// Why a run could not be made, said for the person at the terminal. What the cluster did wrong is in the result.
package struct ChaosError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// Threads, sockets or addresses of this machine.
        case system
        /// The cluster did not come up.
        case cluster
        /// A client could not do its part.
        case client
        /// SIGINT or SIGTERM came.
        case interrupted
        /// A file could not be written.
        case file
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: ChaosError, rhs: ChaosError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
