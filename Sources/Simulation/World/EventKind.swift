/// What an event of the world is.
package enum EventKind: UInt8, CaseIterable, Sendable {
    /// A loop takes a turn.
    case turn
    /// Bytes, or the end of them, reach one end of a connection; or a connection that was asked for comes about.
    case delivery
    /// A job of a blocking pool is run.
    case job
    /// Something breaks, or heals.
    case fault
    /// A client begins something.
    case client
    /// Somebody looks whether all is well.
    case check
}
