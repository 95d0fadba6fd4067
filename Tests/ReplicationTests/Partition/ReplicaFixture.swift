import ApusCore
import Replication

/// A replica of broker 1 with followers 2 and 3, and the events of its life in short form.
struct ReplicaFixture {
    var replica: PartitionReplica
    var effects = ReplicaEffects()
    var now = Instant(nanoseconds: 0)
    var partitionEpoch: PartitionEpoch = 0
    var leaderEpoch: LeaderEpoch = 0

    static let brokers = [1, 2, 3].map { BrokerStatus(id: NodeID($0), epoch: BrokerEpoch(Int64($0) * 100)) }

    init(minISR: Int = 2, logEnd: Offset = 0, highWatermark: Offset = 0) {
        self.replica = PartitionReplica(
            localID: 1, policy: ReplicaPolicy(minInSyncReplicas: minISR),
            log: LogBounds(startOffset: 0, endOffset: logEnd), highWatermark: highWatermark)
    }

    /// A leader in epoch 1 with the given ISR.
    static func leader(
        isr: [NodeID] = [1, 2, 3], minISR: Int = 2, logEnd: Offset = 0, highWatermark: Offset = 0
    ) -> ReplicaFixture {
        var fixture = ReplicaFixture(minISR: minISR, logEnd: logEnd, highWatermark: highWatermark)
        _ = fixture.assign(leader: 1, isr: isr)
        _ = fixture.take()
        return fixture
    }

    /// The metadata shows the next state of the partition; the leader epoch rises unless told otherwise.
    mutating func assign(leader: NodeID, isr: [NodeID], sameEpoch: Bool = false) -> AssignmentOutcome {
        if !sameEpoch { self.leaderEpoch += 1 }
        self.partitionEpoch += 1
        return self.replica.partitionChanged(
            self.assignment(leader: leader, isr: isr), brokers: Self.brokers, log: self.replica.log, now: self.now,
            effects: &self.effects)
    }

    func assignment(leader: NodeID, isr: [NodeID]) -> PartitionAssignment {
        PartitionAssignment(
            leader: leader, leaderEpoch: self.leaderEpoch, partitionEpoch: self.partitionEpoch, replicas: [1, 2, 3],
            isr: isr)
    }

    mutating func append(to endOffset: Offset) {
        self.replica.appended(endOffset: endOffset, now: self.now, effects: &self.effects)
    }

    @discardableResult
    mutating func fetch(
        from id: NodeID, at offset: Offset, epoch: LeaderEpoch? = 1, brokerEpoch: BrokerEpoch? = nil,
        logStart: Offset = 0, lastFetchedEpoch: LeaderEpoch? = nil, lastEpochEnd: EpochEndOffset? = nil
    ) -> FetchDecision {
        self.replica.followerFetched(
            FollowerFetch(
                replicaID: id, brokerEpoch: brokerEpoch ?? BrokerEpoch(Int64(id.rawValue) * 100), fetchOffset: offset,
                logStartOffset: logStart, currentLeaderEpoch: epoch, lastFetchedEpoch: lastFetchedEpoch),
            lastEpochEnd: lastEpochEnd, now: self.now, effects: &self.effects)
    }

    mutating func produce(_ waiter: UInt64, to endOffset: Offset, deadline: Int64 = 30_000) {
        self.append(to: endOffset)
        self.replica.awaitReplication(
            ProduceWaiterID(rawValue: waiter), requiredOffset: endOffset, appendEpoch: self.replica.leaderEpoch,
            deadline: Instant(nanoseconds: 0) + .milliseconds(deadline), effects: &self.effects)
    }

    mutating func tick(milliseconds: Int64) {
        self.now = self.now + .milliseconds(milliseconds)
        self.replica.tick(now: self.now, effects: &self.effects)
    }

    /// What happened since the last call.
    mutating func take() -> ReplicaEffects {
        let effects = self.effects
        self.effects.removeAll()
        return effects
    }
}

/// Effects in the short form of a test's expectation.
func expected(
    epochStart: (LeaderEpoch, Offset)? = nil, highWatermark: Offset? = nil, lowWatermark: Offset? = nil,
    proposal: ISRProposal? = nil, produces: [(UInt64, ErrorCode)] = [], fetches: [UInt64] = []
) -> ReplicaEffects {
    var effects = ReplicaEffects()
    effects.epochStart = epochStart.map { .init(leaderEpoch: $0.0, startOffset: $0.1) }
    effects.highWatermark = highWatermark
    effects.lowWatermark = lowWatermark
    effects.proposal = proposal
    effects.completedProduces = produces.map {
        ProduceCompletion(waiter: ProduceWaiterID(rawValue: $0.0), error: $0.1)
    }
    effects.wokenFetches = fetches.map { FetchWaiterID(rawValue: $0) }
    return effects
}

func proposal(
    _ id: UInt64, leaderEpoch: LeaderEpoch = 1, partitionEpoch: PartitionEpoch, isr: [(NodeID, BrokerEpoch)],
    notBefore: Int64 = 0
) -> ISRProposal {
    ISRProposal(
        id: ISRProposalID(rawValue: id), leaderEpoch: leaderEpoch, partitionEpoch: partitionEpoch,
        isr: isr.map { .init(id: $0.0, brokerEpoch: $0.1) }, recoveryState: .recovered,
        notBefore: Instant(nanoseconds: 0) + .milliseconds(notBefore))
}
