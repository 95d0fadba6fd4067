/// What a connection goes through until its frames are requests. Pure.
///
/// | From | To | Cause |
/// |---|---|---|
/// | connected | securing | `begin`, with TLS |
/// | connected | authenticating | `begin`, with SASL and no TLS |
/// | connected | open | `begin`, with neither |
/// | securing | authenticating, or open without SASL | `secured` |
/// | authenticating | open | `authenticated` |
/// | any but closed | closed | `close` |
package struct ConnectionStage: Hashable, Sendable {
    package enum Stage: Hashable, Sendable {
        case connected
        case securing
        case authenticating
        case open
        case closed
    }

    package enum OnProgress: Hashable, Sendable {
        case beginHandshake
        case beginAuthentication
        case reportOpened
        /// The connection was closed meanwhile.
        case ignore
    }

    package enum OnClose: Hashable, Sendable {
        /// The handler knows of the connection and must learn of its end.
        case reportClosed
        /// The handler never saw it; only the observer does.
        case reportFailedHandshake
        case ignore
    }

    private let usesTLS: Bool
    private let usesSASL: Bool
    package private(set) var stage = Stage.connected

    package init(usesTLS: Bool, usesSASL: Bool) {
        self.usesTLS = usesTLS
        self.usesSASL = usesSASL
    }

    package mutating func begin() -> OnProgress {
        precondition(self.stage == .connected, "a connection begins once")
        guard self.usesTLS else { return self.proveIdentity() }
        self.stage = .securing
        return .beginHandshake
    }

    /// The TLS handshake is done.
    package mutating func secured() -> OnProgress {
        switch self.stage {
        case .securing: return self.proveIdentity()
        case .closed: return .ignore
        case .connected, .authenticating, .open: preconditionFailure("secured while \(self.stage)")
        }
    }

    /// The peer proved who it is. A repeated proof on an open connection (KIP-368) changes nothing here.
    package mutating func authenticated() -> OnProgress {
        switch self.stage {
        case .authenticating:
            self.stage = .open
            return .reportOpened
        case .open, .closed: return .ignore
        case .connected, .securing: preconditionFailure("authenticated while \(self.stage)")
        }
    }

    package mutating func close() -> OnClose {
        defer { self.stage = .closed }
        switch self.stage {
        case .open: return .reportClosed
        case .connected, .securing, .authenticating: return .reportFailedHandshake
        case .closed: return .ignore
        }
    }

    private mutating func proveIdentity() -> OnProgress {
        self.stage = self.usesSASL ? .authenticating : .open
        return self.usesSASL ? .beginAuthentication : .reportOpened
    }
}
