import ApusCore
import KafkaRecords
import LogStorage
import Replication

/// What a leader answers to one batch.
struct AppendReply: Sendable {
    var error: ErrorCode = .noError
    /// The offset of the batch's first record; -1 where nothing was appended.
    var baseOffset: Offset = .unknown
    var logStartOffset: Offset = .unknown
    /// The leader that this replica knows, for the answer to a client that came to the wrong one (KIP-951).
    var leader: NodeID = .none
    var leaderEpoch: LeaderEpoch = .unknown
    /// A segment was closed, and its bytes should reach the disk soon.
    var mustFlush = false
}

/// Who waits for an append with `acks=all`, and until when.
struct AppendWaiter {
    var id: ProduceWaiterID
    var deadline: Instant
}

extension Partition {
    /// Appends a checked batch as leader.
    ///
    /// When it returns without error the batch is in the page cache and survives kill -9 of this process; with
    /// `flush.messages` reached it survives power loss too. With a waiter, and no error, exactly one completion for it
    /// comes through `effects`, now or later.
    func append(
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
                if state.log.isFlushDue { try state.log.flush() }
                reply.mustFlush = result.rolled
                state.replica.appended(endOffset: result.logEndOffset, now: now, effects: &effects)
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
