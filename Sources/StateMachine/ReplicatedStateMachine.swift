package import ApusCore

/// A deterministic machine whose state is the result of the records of one log.
///
/// Only `apply` changes replicated state. Commands are methods of the concrete type that return a `CommandResult`;
/// they may change volatile state (sessions, timers), which is lost when leadership moves.
package protocol ReplicatedStateMachine: Sendable {
    associatedtype Record
    associatedtype Failure: Error

    /// Takes one record of the log into the state.
    ///
    /// - Parameters:
    ///   - record: the record, already appended (on the leader) or committed (elsewhere).
    ///   - offset: its offset; offsets grow from call to call.
    ///   - epoch: the leader epoch of its batch.
    /// - Throws: where the record cannot follow the state. The state is then unchanged, and this node must not go on.
    mutating func apply(_ record: Record, at offset: Offset, epoch: LeaderEpoch) throws(Failure)

    /// When `tick` wants to be called next; `.distantFuture` where nothing is due.
    var nextDeadline: Instant { get }

    /// Does one bounded piece of the work that is due at `now`.
    ///
    /// - Parameter appendOffset: the offset that the first returned record will get.
    mutating func tick(now: Instant, appendOffset: Offset) -> CommandResult<Record, NoResponse>
}
