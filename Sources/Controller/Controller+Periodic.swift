package import ApusCore
import ClusterMetadata
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// The most elections of one tick; more follow in the next.
    static let electionsMax = 1000

    package var nextDeadline: Instant {
        var deadline = self.schedule.nextDeadline
        for (id, broker) in self.image.brokers where !broker.isFenced {
            deadline = min(deadline, self.sessions.deadline(of: id))
        }
        return deadline
    }

    /// Does one piece of what is due: fences one broker that is gone, else elects, else moves leaders, else writes a no-op
    /// record so that followers can tell an idle log from a dead leader.
    package mutating func tick(now: Instant, appendOffset: Offset) -> CommandResult<MetadataRecord, NoResponse> {
        var draft = self.draft(at: appendOffset)
        if let gone = self.brokerToFence(now: now) {
            draft.fence(gone, policy: self.policy)
            self.sessions.ended(gone)
        } else if self.schedule.uncleanElectionDeadline <= now {
            let isComplete = self.electUncleanly(&draft)
            self.schedule.electedUncleanly(now: now, isComplete: isComplete)
        } else if self.schedule.relocationDeadline <= now {
            let isComplete = self.relocateLeaders(&draft)
            self.schedule.relocated(
                now: now, isComplete: isComplete, isDraining: !self.image.drainedZones.isEmpty)
        } else if self.schedule.balanceDeadline <= now {
            let isComplete = self.balanceLeaders(&draft)
            self.schedule.balanced(now: now, isComplete: isComplete)
        } else if self.schedule.idleDeadline <= now {
            draft.append(.noOp(NoOpRecord()))
        }
        return self.finish(draft, NoResponse(), now: now, isAtomic: false)
    }

    /// Ends a command: notes that the log is not idle, and hands over its records.
    mutating func finish<Response>(
        _ draft: consuming RecordDraft, _ response: Response, now: Instant, isAtomic: Bool = true
    ) -> CommandResult<MetadataRecord, Response> {
        if !draft.records.isEmpty { self.schedule.wrote(now: now) }
        return draft.result(response, isAtomic: isAtomic)
    }

    /// The connection over which a broker sends its heartbeats was lost.
    package mutating func brokerConnectionLost(_ broker: NodeID, now: Instant) {
        self.sessions.connectionLost(to: broker, now: now)
    }

    /// A broker does not accept connections: its process is gone, perhaps together with the last controller.
    package mutating func brokerConnectionRefused(_ broker: NodeID, now: Instant) {
        self.sessions.connectionRefused(by: broker, now: now)
    }

    /// A broker whose connection was lost has connected again.
    package mutating func brokerConnectionRestored(_ broker: NodeID) {
        self.sessions.connectionRestored(to: broker)
    }

    /// The unfenced broker that is gone for longest.
    private func brokerToFence(now: Instant) -> NodeID? {
        self.image.brokers.values
            .filter { !$0.isFenced }
            .map { (deadline: self.sessions.deadline(of: $0.id), id: $0.id) }
            .filter { $0.deadline <= now }
            .min { ($0.deadline, $0.id) < ($1.deadline, $1.id) }?.id
    }

    /// Elects for partitions without a leader whose topic allows a replica outside the ISR.
    ///
    /// - Returns: false where more are left than one tick elects.
    private func electUncleanly(_ draft: inout RecordDraft) -> Bool {
        for partition in self.image.partitions(where: { !$0.hasLeader }) {
            guard let topic = self.image.topic(id: partition.topicID) else { continue }
            guard self.policy.allowsUncleanElection(of: topic.name, in: self.image) else { continue }
            guard draft.records.count < Self.electionsMax else { return false }
            let change = draft.change(of: partition, eligibility: draft.eligibility, policy: self.policy)
            if let record = change?.record() { draft.append(.partitionChange(record)) }
        }
        return true
    }
}
