import ApusCore
import Broker
import ClusterMetadata
import Simulation
import Testing

struct ClusterWatchTests {
    private func figures(_ role: PartitionFigures.Role, epoch: LeaderEpoch, isLogFailed: Bool) -> PartitionFigures {
        PartitionFigures(
            id: TopicIDPartition(topicID: TopicID(KafkaUUID(high: 1, low: 2)), partition: 0),
            name: TopicPartition(topic: "log", partition: 0), role: role, leaderEpoch: epoch, partitionEpoch: 1,
            logStartOffset: 0, logEndOffset: 9, recoveryPoint: 0, highWatermark: 9, isr: [], followers: [], epochs: [],
            isLogFailed: isLogFailed)
    }

    private func state(leader: NodeID, epoch: LeaderEpoch) -> PartitionState {
        PartitionState(
            replicas: [1, 2], directories: [], isr: [1], leader: leader, leaderEpoch: epoch, partitionEpoch: 1)
    }

    @Test func `a replica that came to lead and failed within one event has the high watermark of a leader`() {
        let failed = self.figures(.offline, epoch: 7, isLogFailed: true)
        #expect(failed.isOfLeader(1, named: self.state(leader: 1, epoch: 7)))
        #expect(!failed.isOfLeader(2, named: self.state(leader: 1, epoch: 7)))
        #expect(!failed.isOfLeader(1, named: self.state(leader: 1, epoch: 8)))
        #expect(!failed.isOfLeader(1, named: nil))
    }

    @Test func `a replica that is whole has the high watermark of a leader only while it leads`() {
        let named = self.state(leader: 1, epoch: 7)
        #expect(self.figures(.leader, epoch: 7, isLogFailed: false).isOfLeader(1, named: named))
        #expect(!self.figures(.follower(of: 2), epoch: 7, isLogFailed: false).isOfLeader(1, named: named))
        #expect(!self.figures(.offline, epoch: 7, isLogFailed: false).isOfLeader(1, named: named))
    }
}
