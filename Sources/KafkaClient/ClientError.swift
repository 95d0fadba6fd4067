package import ApusCore

/// Why a client cannot do what it was asked.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// What the caller gave makes no sense.
        case invalidArgument
        /// No broker answered in time.
        case timedOut
        /// The connection was lost, and whether the request was served is unknown.
        case disconnected
        /// The cluster knows no version of the request that is known here.
        case unsupported
        /// The answer cannot be read.
        case malformed
        /// A broker refused, with Kafka's code.
        case refused(ErrorCode)
        /// The client was closed.
        case closed
        /// The system has no threads or descriptors left.
        case system
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: ClientError, rhs: ClientError) -> Bool { lhs.code == rhs.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.code) }

    package var description: String { self.message }

    /// A broker's refusal, in its own words where it has some.
    package static func refused(_ code: ErrorCode, _ words: String? = nil, _ what: String) -> ClientError {
        ClientError(.refused(code), "\(what): \(words.map { "\($0) (\(code))" } ?? code.description)")
    }
}
