package import ApusCore
import KafkaRecords
package import LogStorage
package import Replication

/// What a leader answers to one batch.
package struct AppendReply: Sendable {
    package var error: ErrorCode = .noError
    /// The offset of the batch's first record; -1 where nothing was appended.
    package var baseOffset: Offset = .unknown
    package var logStartOffset: Offset = .unknown
    /// The leader that this replica knows, for the answer to a client that came to the wrong one (KIP-951).
    package var leader: NodeID = .none
    package var leaderEpoch: LeaderEpoch = .unknown
    /// A segment was closed, and its bytes should reach the disk soon.
    package var mustFlush = false
    /// The topic wants a flush before the acknowledgement, and nobody is at it.
    package var mustPayFlushDebt = false
    /// With `acks=1`: the acknowledgement waits until the log is durable up to here (`awaitFlush`).
    package var unflushedEnd: Offset?
}

/// Who waits for an append with `acks=all`, and until when.
package struct AppendWaiter {
    package var id: ProduceWaiterID
    package var deadline: Instant

    package init(id: ProduceWaiterID, deadline: Instant) {
        self.id = id
        self.deadline = deadline
    }
}

extension Partition {
    /// Appends a checked batch as leader.
    ///
    /// When it returns without error the batch is in the page cache and survives kill -9 of this process. Where
    /// `flush.messages` asks for more, it survives a power loss when the waiter's completion comes; without a waiter,
    /// when that of `awaitFlush` does. With a waiter, and no error, exactly one completion for it
    /// comes through `effects`, now or later.
    package func append(
        _ batch: LeaderBatch, requiredAcks: Int16, waiter: AppendWaiter?, now: Instant, time: Timestamp,
        effects: inout ReplicaEffects
    ) -> AppendReply {
        self.withState { state in
            var reply = state.reply()
            reply.error = state.replica.produceAdmission(requiredAcks: requiredAcks)
            guard reply.error == .noError else { return reply }
            do throws(LogError) {
                let result = try state.log.appendAsLeader(
                    [batch], leaderEpoch: state.replica.leaderEpoch, origin: .client, now: time)
                let requiredOffset: Offset
                switch result.outcomes[0] {
                case .refused(let error):
                    reply.error = error
                    return reply
                case .appended(let baseOffset, let lastOffset), .duplicate(let baseOffset, let lastOffset, _):
                    reply.baseOffset = baseOffset
                    requiredOffset = lastOffset + 1
                }
                reply.mustPayFlushDebt = state.noteFlushDebt()
                reply.mustFlush = result.rolled
                state.replica.appended(endOffset: result.logEndOffset, now: now, effects: &effects)
                if state.replica.isFlushOwed(upTo: requiredOffset) { reply.unflushedEnd = requiredOffset }
                if let waiter {
                    state.replica.awaitReplication(
                        waiter.id, requiredOffset: requiredOffset, appendEpoch: state.replica.leaderEpoch,
                        deadline: waiter.deadline, effects: &effects)
                }
            } catch {
                reply.error = state.fail(error, effects: &effects)
            }
            return reply
        }
    }
}

extension Partition.State {
    func reply() -> AppendReply {
        var reply = AppendReply()
        reply.logStartOffset = self.log.logStartOffset
        reply.leader = self.knownLeader
        reply.leaderEpoch = self.replica.leaderEpoch
        return reply
    }

    var knownLeader: NodeID {
        switch self.replica.role {
        case .offline: .none
        case .follower(let follower): follower.leader
        case .leader: self.replica.localID
        }
    }

    /// The code for a log's error; a failed file operation takes the replica out of service.
    mutating func fail(_ error: LogError, effects: inout ReplicaEffects) -> ErrorCode {
        let code = LogErrorCodes.code(of: error)
        if code == .kafkaStorageError { self.replica.stopped(refusal: code, effects: &effects) }
        if error.code == .storage { effects.hasLogFailed = true }
        return code
    }
}

/// The one table from the log's errors to Kafka's codes.
enum LogErrorCodes {
    static func code(of error: LogError) -> ErrorCode {
        switch error.code {
        case .offsetOutOfRange: .offsetOutOfRange
        case .offsetsOutOfOrder, .corruptBatch: .corruptMessage
        case .batchTooLarge: .recordListTooLarge
        case .corruptFile, .locked, .storage, .unavailable: .kafkaStorageError
        }
    }
}
