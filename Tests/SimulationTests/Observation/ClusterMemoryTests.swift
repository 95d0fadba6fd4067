import ApusCore
import Broker
import ClusterMetadata
import Simulation
import Testing

/// What counts as committed by the word of a leader.
struct ClusterMemoryTests {
    private let memory = ClusterMemory()
    private let partition = TopicIDPartition(topicID: TopicID(KafkaUUID(high: 1, low: 2)), partition: 0)

    private func figures(
        _ role: PartitionFigures.Role, epoch: LeaderEpoch, highWatermark: Offset, isLogFailed: Bool = false
    ) -> PartitionFigures {
        PartitionFigures(
            id: self.partition, name: TopicPartition(topic: "log", partition: 0), role: role, leaderEpoch: epoch,
            partitionEpoch: 1, logStartOffset: 0, logEndOffset: 9, recoveryPoint: 0, highWatermark: highWatermark,
            isr: [], followers: [], epochs: [], isLogFailed: isLogFailed)
    }

    private func name(_ leader: NodeID, in epoch: LeaderEpoch) {
        self.memory.noteLeader(
            of: self.partition,
            PartitionState(
                replicas: [1, 2], directories: [], isr: [1], leader: leader, leaderEpoch: epoch, partitionEpoch: 1))
    }

    private var claimed: Offset? { self.memory.claimed[self.partition] }

    @Test func `the word of a leader counts, that of a follower does not`() {
        self.name(1, in: 7)
        self.memory.claim(self.figures(.follower(of: 1), epoch: 7, highWatermark: 9), of: 2, after: nil)
        #expect(self.claimed == nil)
        self.memory.claim(self.figures(.leader, epoch: 7, highWatermark: 5), of: 1, after: nil)
        self.memory.claim(self.figures(.leader, epoch: 7, highWatermark: 4), of: 1, after: nil)
        #expect(self.claimed == 5)
    }

    @Test func `a replica that came to lead and failed within one event has led`() {
        self.name(1, in: 7)
        let failed = self.figures(.offline, epoch: 7, highWatermark: 9, isLogFailed: true)
        self.memory.claim(failed, of: 2, after: nil)
        self.memory.claim(self.figures(.offline, epoch: 8, highWatermark: 9, isLogFailed: true), of: 1, after: nil)
        self.memory.claim(self.figures(.offline, epoch: 7, highWatermark: 9), of: 1, after: nil)
        #expect(self.claimed == nil)
        self.memory.claim(failed, of: 1, after: nil)
        #expect(self.claimed == 9)
    }

    @Test func `a leader that lost its leadership within one event has led in it`() {
        self.name(1, in: 6)
        self.name(2, in: 7)
        let follows = self.figures(.follower(of: 2), epoch: 7, highWatermark: 9)
        self.memory.claim(follows, of: 1, after: self.figures(.follower(of: 2), epoch: 7, highWatermark: 2))
        #expect(self.claimed == nil)
        self.memory.claim(follows, of: 1, after: self.figures(.leader, epoch: 6, highWatermark: 2))
        #expect(self.claimed == 9)
    }

    @Test func `a follower that came to lead and follows again within one event has led in it`() {
        self.name(2, in: 5)
        self.name(1, in: 6)
        let was = self.figures(.follower(of: 2), epoch: 5, highWatermark: 2)
        let now = self.figures(.follower(of: .none), epoch: 7, highWatermark: 9)
        self.memory.claim(now, of: 3, after: was)
        #expect(self.claimed == nil)
        self.memory.claim(now, of: 1, after: was)
        #expect(self.claimed == 9)
    }
}
