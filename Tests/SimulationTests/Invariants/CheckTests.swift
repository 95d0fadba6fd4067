import ApusCore
import Broker
import ClusterMetadata
import Raft
import Simulation
import Testing

/// Each check sees what it is there for.
struct CheckTests {
    private let memory = ClusterMemory()
    private let partition = TopicIDPartition(topicID: TopicID(KafkaUUID(high: 1, low: 2)), partition: 0)

    private func quorum(
        _ node: NodeID, epoch: LeaderEpoch, role: RaftRole.Name = .follower, leader: NodeID? = nil,
        voted: NodeID? = nil, highWatermark: Offset? = nil
    ) -> QuorumFigures {
        QuorumFigures(
            id: node, role: role,
            election: ElectionState(epoch: epoch, leaderID: leader, voted: voted.map { ReplicaKey(id: $0) }),
            leader: leader, logStartOffset: 0, logEndOffset: 0, flushedOffset: 0, highWatermark: highWatermark,
            epochs: [], snapshot: nil)
    }

    private func replica(
        _ role: PartitionFigures.Role, epoch: LeaderEpoch = 1, partitionEpoch: PartitionEpoch = 1, end: Offset = 0,
        highWatermark: Offset = 0, isr: [NodeID] = []
    ) -> PartitionFigures {
        PartitionFigures(
            id: self.partition, name: TopicPartition(topic: "log", partition: 0), role: role, leaderEpoch: epoch,
            partitionEpoch: partitionEpoch, logStartOffset: 0, logEndOffset: end, recoveryPoint: 0,
            highWatermark: highWatermark, isr: isr, followers: [], epochs: [], isLogFailed: false)
    }

    private func state(leader: NodeID, isr: [NodeID], epoch: LeaderEpoch = 1) -> PartitionState {
        PartitionState(
            replicas: [1, 2, 3], directories: [], isr: isr, leader: leader, leaderEpoch: epoch, partitionEpoch: 1)
    }

    private func promise(_ check: any Check, _ sights: [Sight]) -> Promise? {
        do throws(Violation) {
            for sight in sights { try check.see(sight, in: self.memory) }
            return nil
        } catch {
            return error.promise
        }
    }

    @Test("Two leaders of a quorum epoch are seen, one is right")
    func quorumLeaders() {
        let one = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5, role: .leader, leader: 1))
        let two = Sight.quorum(2, was: nil, now: self.quorum(2, epoch: 5, role: .leader, leader: 2))
        let later = Sight.quorum(2, was: nil, now: self.quorum(2, epoch: 6, role: .leader, leader: 2))
        #expect(self.promise(QuorumCheck(), [one, two]) == .oneQuorumLeader)
        #expect(self.promise(QuorumCheck(), [one, later]) == nil)
    }

    @Test("An epoch that falls is seen across lives, but not on a new disk")
    func quorumEpochs() {
        let new = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5))
        let old = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 4))
        #expect(self.promise(QuorumCheck(), [new, .ended(1), old]) == .monotonicQuorumEpoch)
        #expect(self.promise(QuorumCheck(), [new, .emptied(1), old]) == nil)
    }

    @Test("A vote that changes or is forgotten within an epoch is seen")
    func votes() {
        let vote = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5, role: .unattached, voted: 2))
        let other = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5, role: .unattached, voted: 3))
        let none = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5, role: .unattached))
        let next = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 6, role: .unattached, voted: 3))
        #expect(self.promise(QuorumCheck(), [vote, .ended(1), other]) == .oneVote)
        #expect(self.promise(QuorumCheck(), [vote, .ended(1), none]) == .oneVote)
        #expect(self.promise(QuorumCheck(), [vote, vote, next]) == nil)
    }

    @Test("A leader of the quorum without what earlier epochs have committed is seen, one that is late is right")
    func completeQuorumLeaders() {
        self.memory.noteMetadataCommitted(upTo: 0, in: 4)
        self.memory.noteMetadataCommitted(upTo: 9, in: 6)
        let late = Sight.quorum(1, was: nil, now: self.quorum(1, epoch: 5, role: .leader, leader: 1))
        let short = Sight.quorum(2, was: nil, now: self.quorum(2, epoch: 7, role: .leader, leader: 2))
        #expect(self.promise(QuorumCheck(), [late]) == nil)
        #expect(self.promise(QuorumCheck(), [short]) == .completeQuorumLeader)
    }

    @Test("A leader that the controller did not name is seen")
    func leaders() {
        let named = Sight.partition(self.partition, self.state(leader: 1, isr: [1, 2]))
        let right = Sight.replica(1, was: nil, now: self.replica(.leader, isr: [1, 2]))
        let wrong = Sight.replica(2, was: nil, now: self.replica(.leader, isr: [1, 2]))
        #expect(self.promise(LeadershipCheck(), [named, right]) == nil)
        #expect(self.promise(LeadershipCheck(), [named, wrong]) == .onePartitionLeader)
        #expect(self.promise(LeadershipCheck(), [right]) == .onePartitionLeader)
    }

    @Test("An ISR that was not committed is seen")
    func isr() {
        let named = Sight.partition(self.partition, self.state(leader: 1, isr: [2, 1]))
        let shrunk = Sight.replica(1, was: nil, now: self.replica(.leader, isr: [1]))
        #expect(self.promise(LeadershipCheck(), [named, shrunk]) == .committedISR)
        let outside = Sight.partition(self.partition, self.state(leader: 3, isr: [1, 2]))
        #expect(self.promise(LeadershipCheck(), [outside]) == .committedISR)
    }

    @Test("Epochs of a replica that fall are seen")
    func epochs() {
        let new = self.replica(.follower(of: 2), epoch: 3)
        let old = self.replica(.follower(of: 2), epoch: 2)
        #expect(self.promise(LeadershipCheck(), [.replica(1, was: new, now: old)]) == .monotonicEpochs)
        #expect(self.promise(LeadershipCheck(), [.replica(1, was: old, now: new)]) == nil)
    }

    @Test("A high watermark that falls, or is ahead of all leaders, is seen")
    func highWatermarks() {
        let high = self.replica(.follower(of: 2), end: 9, highWatermark: 5)
        #expect(
            self.promise(ReplicationCheck(), [.replica(1, was: nil, now: high)]) == .monotonicHighWatermark)
        let before = self.replica(.leader, highWatermark: 0)
        #expect(self.promise(ReplicationCheck(), [.replica(1, was: before, now: before)]) == nil)
        let one = self.quorum(1, epoch: 1, highWatermark: 7)
        let two = self.quorum(1, epoch: 1, highWatermark: 6)
        #expect(self.promise(QuorumCheck(), [.quorum(1, was: one, now: two)]) == .monotonicHighWatermark)
    }

    @Test("Other bytes at a served offset, and bytes at the high watermark, are seen")
    func served() {
        let batch = BatchDigest(baseOffset: 0, endOffset: 2, epoch: 1, bytes: 7)
        var other = batch
        other.bytes = 8
        let first = Sight.served(ServedBatch(partition: self.partition, batch: batch, highWatermark: 2))
        let second = Sight.served(ServedBatch(partition: self.partition, batch: other, highWatermark: 2))
        let above = Sight.served(ServedBatch(partition: self.partition, batch: batch, highWatermark: 1))
        #expect(self.promise(ClientCheck(), [first, first]) == nil)
        #expect(self.promise(ClientCheck(), [first, second]) == .servedCommitted)
        #expect(self.promise(ClientCheck(), [above]) == .servedCommitted)
    }
}
