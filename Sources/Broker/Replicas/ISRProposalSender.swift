import ApusCore
import EventLoop
import KafkaProtocol
import Networking
import Replication

/// Carries leaders' ISR proposals to the controller, several in one AlterPartition request, one request at a time.
///
/// Lives on the controller channel's loop; proposals come from any thread.
package final class ISRProposalSender: Sendable {
    private struct Item {
        let partition: Partition
        let proposal: ISRProposal
    }

    private struct Confined {
        var queue: [Item] = []
        var isSending = false
    }

    private let controller: ControllerChannel
    private let localID: NodeID
    // Unsafe: only the controller channel's loop touches it; every use asserts that.
    private nonisolated(unsafe) var confined = Confined()

    /// When it fires the connection is closed, so that the controller cannot commit what the leader has given up.
    private static let timeout = Interval.seconds(10)
    private static let batchMax = 5000

    init(controller: ControllerChannel, localID: NodeID) {
        self.controller = controller
        self.localID = localID
    }

    /// Sends the proposal, not before its time; the partition is told the outcome. From any thread.
    func enqueue(_ proposal: ISRProposal, of partition: Partition, services: BrokerServices) {
        let loop = self.controller.loop
        loop.execute {
            let item = Item(partition: partition, proposal: proposal)
            if proposal.notBefore > loop.now {
                _ = loop.schedule(at: proposal.notBefore) { self.add(item, services) }
            } else {
                self.add(item, services)
            }
        }
    }

    private func add(_ item: Item, _ services: BrokerServices) {
        self.controller.loop.assertInEventLoop()
        self.confined.queue.append(item)
        // What comes in the same iteration travels together.
        if !self.confined.isSending {
            self.confined.isSending = true
            self.controller.loop.execute { self.sendNext(services) }
        }
    }

    private func sendNext(_ services: BrokerServices) {
        let batch = Array(self.confined.queue.prefix(Self.batchMax))
        self.confined.queue.removeFirst(batch.count)
        guard !batch.isEmpty else {
            self.confined.isSending = false
            return
        }
        let finish: @Sendable (AlterPartitionResponse?) -> Void = { response in
            self.complete(batch, response, services)
            self.sendNext(services)
        }
        self.controller.perform(timeout: Self.timeout) { channel, _ in
            var request = AlterPartitionRequest()
            request.brokerId = self.localID
            request.brokerEpoch = services.brokerEpoch
            request.topics = Self.topics(of: batch)
            channel.send(request, timeout: Self.timeout) { result in
                switch result {
                case .success(let response): finish(response)
                case .failure: finish(nil)
                }
            }
        } expired: {
            finish(nil)
        }
    }

    private static func topics(of batch: [Item]) -> [AlterPartitionRequest.TopicData] {
        var topics: [AlterPartitionRequest.TopicData] = []
        for item in batch.sorted(by: { $0.partition.id < $1.partition.id }) {
            if topics.last?.topicId != item.partition.id.topicID {
                var topic = AlterPartitionRequest.TopicData()
                topic.topicId = item.partition.id.topicID
                topics.append(topic)
            }
            var data = AlterPartitionRequest.PartitionData()
            data.partitionIndex = item.partition.id.partition
            data.leaderEpoch = item.proposal.leaderEpoch
            data.partitionEpoch = item.proposal.partitionEpoch
            data.leaderRecoveryState = item.proposal.recoveryState.rawValue
            data.newIsr = item.proposal.isr.map(\.id)
            data.newIsrWithEpochs = item.proposal.isr.map { member in
                var broker = AlterPartitionRequest.BrokerState()
                broker.brokerId = member.id
                broker.brokerEpoch = member.brokerEpoch
                return broker
            }
            topics[topics.count - 1].partitions.append(data)
        }
        return topics
    }

    private func complete(_ batch: [Item], _ response: AlterPartitionResponse?, _ services: BrokerServices) {
        var outcomes: [TopicIDPartition: ISRProposalOutcome] = [:]
        for topic in response?.topics ?? [] {
            for partition in topic.partitions {
                let id = TopicIDPartition(topicID: topic.topicId, partition: partition.partitionIndex)
                guard partition.errorCode == .noError else {
                    outcomes[id] = .refused(partition.errorCode)
                    continue
                }
                outcomes[id] = .committed(
                    leaderEpoch: partition.leaderEpoch, partitionEpoch: partition.partitionEpoch, isr: partition.isr,
                    recoveryState: LeaderRecoveryState(rawValue: partition.leaderRecoveryState) ?? .recovered)
            }
        }
        let whole = response.map(\.errorCode) ?? .networkException
        var effects = ReplicaEffects()
        for item in batch {
            let outcome =
                whole == .noError
                ? outcomes[item.partition.id] ?? .refused(.unknownServerError) : .refused(whole)
            item.partition.proposalAnswered(
                item.proposal.id, outcome, now: self.controller.loop.now, effects: &effects)
            services.carryOut(&effects, of: item.partition)
        }
    }
}
