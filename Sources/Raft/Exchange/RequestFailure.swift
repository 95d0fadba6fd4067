/// Why a request got no response.
package enum RequestFailure: Hashable, Sendable {
    /// The connection was refused or closed: the process at the other end is gone, or is going.
    case unreachable
    /// Nothing came back in time, or what came back could not be read.
    case noAnswer
}
