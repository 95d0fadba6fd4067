/// An attempt to connect that is under way.
protocol ConnectingAttempt: AnyObject {
    /// Gives up: nothing is reported. Only on the loop.
    func cancel()
}

/// A connection that was made, and is nobody's yet.
struct Connected {
    var wire: Wire
    var peer: SocketAddress
}
