package import EventLoop

/// Why a connection ended, or did not come about.
package enum CloseReason: Error, Hashable, Sendable, CustomStringConvertible {
    /// The peer closed in an orderly way, or its process ended.
    case peerClosed
    /// A read, a write or a connect failed.
    case failed(SystemError)
    /// Nothing listens at the address: the peer's process is not there.
    case connectionRefused
    case connectTimeout
    case unresolved(ResolutionError)
    /// The peer's bytes are no frames.
    case badFrame(FrameError)
    /// There are as many connections as there may be.
    case tooManyConnections
    /// TLS failed; the library's words.
    case tlsFailed(String)
    /// The exchange that proves who the peer is failed; words for the log.
    case authenticationFailed(String)
    /// TLS or authentication took too long.
    case handshakeTimeout
    /// Nothing was sent or received for too long.
    case idle
    /// A file that was being sent is shorter than promised.
    case fileTruncated
    /// The owner closed it; words for the log.
    case requested(String)
    case shutdown

    package var description: String {
        switch self {
        case .peerClosed: "the peer closed the connection"
        case .failed(let error): "\(error)"
        case .connectionRefused: "connection refused"
        case .connectTimeout: "connecting took too long"
        case .unresolved(let error): "\(error)"
        case .badFrame(let error): "\(error)"
        case .tooManyConnections: "too many connections"
        case .tlsFailed(let reason): "TLS failed: \(reason)"
        case .authenticationFailed(let reason): "authentication failed: \(reason)"
        case .handshakeTimeout: "the handshake took too long"
        case .idle: "idle for too long"
        case .fileTruncated: "a file being sent is shorter than promised"
        case .requested(let reason): reason
        case .shutdown: "shutting down"
        }
    }
}
