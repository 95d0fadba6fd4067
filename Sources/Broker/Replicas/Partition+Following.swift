import ApusCore
import KafkaPrimitives
import LogStorage
import Replication

/// What a follower's append or truncation left behind.
struct FollowerProgress: Sendable {
    var error: ErrorCode = .noError
    var log: LogBounds
    var latestEpoch: LeaderEpoch?
    var highWatermark: Offset
    /// A segment was closed, and its bytes should reach the disk soon.
    var mustFlush = false
    /// The topic wants a flush before the next fetch acknowledges what is in the log.
    var isFlushOwed = false
}

/// What a leader sent for one partition.
struct FetchedRecords {
    var leaderEpoch: LeaderEpoch
    /// Where the records were asked for.
    var fetchOffset: Offset
    var records: ByteSlice
    var highWatermark: Offset
    var logStartOffset: Offset
}

extension Partition {
    /// Where this replica stands, for a fetcher that begins.
    var progress: FollowerProgress { self.withState { $0.progress } }

    /// The role, as the last assignment made it.
    var leaderEpoch: LeaderEpoch { self.withState { $0.replica.leaderEpoch } }

    /// Appends what the leader sent, and takes over its high watermark and log start.
    ///
    /// When it returns without error the records are in the page cache and survive kill -9 of this process. The next
    /// fetch acknowledges them; where a flush is owed, it has to wait until they survive a power loss too.
    func append(_ data: FetchedRecords, time: Timestamp, effects: inout ReplicaEffects) -> FollowerProgress {
        self.withState { state in
            let refusal = state.replica.replicationAdmission(leaderEpoch: data.leaderEpoch, at: data.fetchOffset)
            var mustFlush = false
            var error = refusal
            if refusal == .noError {
                do throws(LogError) {
                    if !data.records.isEmpty {
                        mustFlush = try state.log.appendAsFollower(data.records, now: time).rolled
                        _ = state.noteFlushDebt()
                    }
                    state.replica.replicated(
                        endOffset: state.log.logEndOffset, leaderHighWatermark: data.highWatermark, effects: &effects)
                    if data.logStartOffset > state.log.logStartOffset,
                        try state.log.advanceLogStart(to: min(data.logStartOffset, state.replica.highWatermark))
                    {
                        state.replica.logStartAdvanced(to: state.log.logStartOffset, effects: &effects)
                    }
                } catch let failure {
                    error = state.fail(failure, effects: &effects)
                }
            }
            var progress = state.progress
            progress.error = error
            progress.mustFlush = mustFlush
            return progress
        }
    }

    /// Cuts the log where it and the leader's part, or as `truncation` says.
    func truncate(
        _ truncation: FollowerTruncation, leaderEpoch: LeaderEpoch, effects: inout ReplicaEffects
    ) -> FollowerProgress {
        self.withState { $0.truncate(truncation, leaderEpoch: leaderEpoch, effects: &effects) }
    }

    /// Works out from the leader's answer where the logs part, and cuts there.
    func truncate(
        divergingAt leaderEnd: EpochEndOffset, leaderEpoch: LeaderEpoch, effects: inout ReplicaEffects
    ) -> FollowerProgress {
        self.withState { state in
            let truncation = FollowerFetchState.truncation(
                leaderEnd: leaderEnd, localEnd: state.epochEnd(of: leaderEnd.leaderEpoch), log: state.bounds)
            return state.truncate(truncation, leaderEpoch: leaderEpoch, effects: &effects)
        }
    }
}

extension Partition.State {
    var progress: FollowerProgress {
        FollowerProgress(
            log: self.bounds, latestEpoch: self.log.epochs.latest, highWatermark: self.replica.highWatermark,
            isFlushOwed: self.replica.flushDebt != nil)
    }

    mutating func truncate(
        _ truncation: FollowerTruncation, leaderEpoch: LeaderEpoch, effects: inout ReplicaEffects
    ) -> FollowerProgress {
        var error = self.replica.refusal(currentLeaderEpoch: leaderEpoch, leaderOnly: false)
        if error == .noError, self.replica.isLeader { error = .notLeaderOrFollower }
        if error == .noError {
            do throws(LogError) {
                switch truncation {
                case .none: break
                case .truncate(let offset): _ = try self.log.truncate(to: offset)
                case .restart(let offset): try self.log.truncateFully(startingAt: offset)
                }
                self.replica.truncated(to: self.bounds, effects: &effects)
            } catch let failure {
                error = self.fail(failure, effects: &effects)
            }
        }
        var progress = self.progress
        progress.error = error
        return progress
    }
}
