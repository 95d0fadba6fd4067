import ApusCore
import KafkaPrimitives
import LogStorage
import Replication

/// What a replica answers to one partition of a fetch.
struct FetchReply: Sendable {
    var error: ErrorCode = .noError
    var highWatermark: Offset = .unknown
    var lastStableOffset: Offset = .unknown
    var logStartOffset: Offset = .unknown
    var records: FileRegion?
    /// The rest of the read, which looks into files: done when the lock is released.
    fileprivate var deferred: DeferredRead?
    /// Where the reader's log and this one part (KIP-595).
    var divergence: EpochEndOffset?
    var abortedTransactions: [AbortedTransaction]?
    var leader: NodeID = .none
    var leaderEpoch: LeaderEpoch = .unknown
    /// The bound of what the reader may see, for a wait.
    var endOffset: Offset = .unknown

    var byteCount: Int { self.records?.count ?? 0 }

    /// Ends the read outside of the lock, so that nobody waits for the partition while an index is read.
    fileprivate consuming func completed() -> FetchReply {
        guard let deferred = self.deferred else { return self }
        var reply = self
        reply.deferred = nil
        do {
            reply.records = try deferred.perform().region
        } catch {
            reply.error = LogErrorCodes.code(of: error)
        }
        return reply
    }
}

/// How much a reader wants of one partition.
struct FetchBudget {
    var bytesMax: Int
    /// The first batch is given whole even where it is larger.
    var minOneBatch: Bool
}

extension Partition {
    /// Answers a follower's fetch, and takes note of how far it has come.
    func fetch(
        _ fetch: FollowerFetch, budget: FetchBudget, now: Instant, effects: inout ReplicaEffects
    ) -> FetchReply {
        self.withState { state in
            let decision = state.replica.followerFetched(
                fetch, lastEpochEnd: state.epochEnd(of: fetch.lastFetchedEpoch), now: now, effects: &effects)
            return state.reply(to: decision, from: fetch.fetchOffset, budget: budget)
        }.completed()
    }

    /// Reads again for a follower that waited, without taking note a second time.
    func fetchAgain(_ fetch: FollowerFetch, budget: FetchBudget) -> FetchReply {
        self.withState { state in
            let refusal = state.replica.refusal(currentLeaderEpoch: fetch.currentLeaderEpoch, leaderOnly: true)
            let decision: FetchDecision =
                refusal == .noError ? .read(upTo: state.log.logEndOffset) : .refuse(refusal)
            return state.reply(to: decision, from: fetch.fetchOffset, budget: budget)
        }.completed()
    }

    /// Answers a consumer's fetch.
    func fetch(_ fetch: ConsumerFetch, budget: FetchBudget) -> FetchReply {
        self.withState { state in
            let decision = state.replica.consumerFetched(
                fetch, lastEpochEnd: state.epochEnd(of: fetch.lastFetchedEpoch),
                lastStableOffset: state.lastStableOffset)
            var reply = state.reply(to: decision, from: fetch.fetchOffset, budget: budget)
            if fetch.isolation == .lastStable, reply.error == .noError { reply.addAborted(from: state, fetch) }
            return reply
        }.completed()
    }

    /// Registers a wait until the end that bounds `isolation` is past `offset`. Nil where it is past it already, or
    /// where too many wait: then the fetch is answered with what there is.
    func awaitFetch(
        _ waiter: FetchWaiterID, isolation: FetchIsolation, endOffset: Offset
    ) -> FetchWaitToken? {
        self.withState { state in
            let end = state.replica.visibleEnd(isolation, lastStableOffset: state.lastStableOffset)
            guard end <= endOffset else { return nil }
            return state.replica.awaitFetch(waiter, isolation: isolation, offset: endOffset)
        }
    }

    func cancelFetch(_ token: FetchWaitToken) {
        self.withState { $0.replica.cancelFetch(token) }
    }
}

extension Partition.State {
    /// Reads what a decision allows.
    func reply(to decision: FetchDecision, from offset: Offset, budget: FetchBudget) -> FetchReply {
        var reply = FetchReply()
        reply.leader = self.knownLeader
        reply.leaderEpoch = self.replica.leaderEpoch
        switch decision {
        case .refuse(let error):
            reply.error = error
            if error == .offsetOutOfRange { self.addOffsets(to: &reply) }
        case .diverging(let end):
            reply.divergence = end
            self.addOffsets(to: &reply)
        case .read(let endOffset):
            reply.endOffset = endOffset
            self.addOffsets(to: &reply)
            guard offset < endOffset, budget.bytesMax > 0 || budget.minOneBatch else { return reply }
            do {
                switch try self.log.planRead(
                    from: offset, maxBytes: budget.bytesMax, minOneBatch: budget.minOneBatch, endOffset: endOffset)
                {
                case .ready(let read): reply.records = read.region
                case .deferred(let read): reply.deferred = read
                }
            } catch {
                reply.error = LogErrorCodes.code(of: error)
            }
        }
        return reply
    }

    private func addOffsets(to reply: inout FetchReply) {
        reply.highWatermark = self.replica.highWatermark
        reply.lastStableOffset = self.lastStableOffset
        reply.logStartOffset = self.log.logStartOffset
    }
}

extension FetchReply {
    /// Adds the transactions that were aborted within what is read, by ascending first offset.
    fileprivate mutating func addAborted(from state: Partition.State, _ fetch: ConsumerFetch) {
        self.abortedTransactions = state.log.abortedTransactions(
            from: fetch.fetchOffset, to: max(fetch.fetchOffset, self.endOffset))
    }
}
