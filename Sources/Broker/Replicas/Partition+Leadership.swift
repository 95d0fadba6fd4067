package import ApusCore
import LogStorage
package import Replication

extension Partition {
    /// Takes over what the metadata says of the partition.
    ///
    /// When it returns `newEpoch` for a leader, the epoch's start is in the leader-epoch cache and its file in the page
    /// cache: no append of that epoch comes before it.
    package func apply(
        _ assignment: PartitionAssignment, brokers: [BrokerStatus], now: Instant, effects: inout ReplicaEffects
    ) -> AssignmentOutcome {
        self.withState { state in
            let outcome = state.replica.partitionChanged(
                assignment, brokers: brokers, log: state.bounds, now: now, effects: &effects)
            if let start = effects.epochStart {
                effects.epochStart = nil
                do throws(LogError) {
                    try state.log.assignEpochAtEnd(start.leaderEpoch)
                } catch {
                    _ = state.fail(error, effects: &effects)
                }
            }
            return outcome
        }
    }

    func brokerChanged(_ status: BrokerStatus, now: Instant, effects: inout ReplicaEffects) {
        self.withState { $0.replica.brokerChanged(status, now: now, effects: &effects) }
    }

    func policyChanged(_ policy: TopicPolicy, now: Instant, effects: inout ReplicaEffects) {
        self.withState { state in
            state.policy = policy
            state.log.configuration = policy.log
            state.replica.policyChanged(policy.replica, now: now, effects: &effects)
        }
    }

    func proposalAnswered(
        _ id: ISRProposalID, _ outcome: ISRProposalOutcome, now: Instant, effects: inout ReplicaEffects
    ) {
        self.withState { $0.replica.alterPartitionCompleted(id, outcome, now: now, effects: &effects) }
    }

    func tick(now: Instant, effects: inout ReplicaEffects) {
        self.withState { $0.replica.tick(now: now, effects: &effects) }
    }

    func stop(refusal: ErrorCode, effects: inout ReplicaEffects) {
        self.withState { $0.replica.stopped(refusal: refusal, effects: &effects) }
    }
}
