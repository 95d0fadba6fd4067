/// Why a request cannot be answered at all: its connection is closed, with this as the logged reason.
package struct RequestError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// The frame is too short for a request header, or the header is malformed.
        case malformedHeader
        /// The listener does not serve the API, or not in this version.
        case unsupportedAPI
        /// A field holds what no client may send.
        case invalidField
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: RequestError, rhs: RequestError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
