/// Something of the network that events reach.
class NetworkArrival: @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    /// Its place in the network's table.
    final var slot: UInt32 = 0
    final var generation: UInt32 = 0

    /// What was on its way is there. Returns what is to be written into the trace; nil where nothing happened.
    func arrive() -> (host: Int32, amount: Int64)? {
        preconditionFailure("abstract")
    }
}
