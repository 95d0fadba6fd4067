import ApusCore
import Configuration
import EventLoop
import KafkaProtocol
import Networking
import Telemetry

/// Tells the controller in which log directories this broker's replicas are: AssignReplicasToDirs (73) 0.
///
/// Lives on the controller channel's loop; calls come from any thread.
final class DirectoryAssignmentSender: Sendable {
    private let controller: ControllerChannel
    private let services: BrokerServices
    private let log: Logger
    // Unsafe: only the controller channel's loop touches it; every use asserts that.
    private nonisolated(unsafe) var assignments = DirectoryAssignments()

    private static let timeout = Interval.seconds(10)

    init(services: BrokerServices, log: Logger) {
        self.services = services
        self.controller = services.controller
        self.log = log
    }

    func place(_ assignments: [DirectoryAssignments.Assignment]) {
        guard !assignments.isEmpty else { return }
        self.controller.loop.execute { self.perform(self.assignments.place(assignments)) }
    }

    func settle(_ partitions: [TopicIDPartition]) {
        guard !partitions.isEmpty else { return }
        self.controller.loop.execute {
            for partition in partitions { self.assignments.settle(partition) }
        }
    }

    private func perform(_ effects: [DirectoryAssignments.Effect]) {
        self.controller.loop.assertInEventLoop()
        for effect in effects {
            switch effect {
            case .send(let assignments): self.send(assignments)
            case .setTimer(let interval):
                _ = self.controller.loop.schedule(after: interval) { [weak self] in
                    guard let self else { return }
                    self.perform(self.assignments.timerFired())
                }
            }
        }
    }

    private func send(_ assignments: [DirectoryAssignments.Assignment]) {
        self.controller.perform(timeout: Self.timeout) { channel, _ in
            var request = AssignReplicasToDirsRequest()
            request.brokerId = self.services.configuration.nodeID
            request.brokerEpoch = self.services.brokerEpoch
            request.directories = Self.directories(of: assignments)
            channel.send(request, timeout: Self.timeout) { result in
                switch result {
                case .success(let response) where response.errorCode == .noError:
                    self.log.debug("told the controller where replicas are", ["count": LogValue(assignments.count)])
                    self.perform(self.assignments.answered(Self.errors(in: response)))
                case .success, .failure: self.perform(self.assignments.answered(nil))
                }
            }
        } expired: {
            self.perform(self.assignments.answered(nil))
        }
    }

    private static func directories(
        of assignments: [DirectoryAssignments.Assignment]
    ) -> [AssignReplicasToDirsRequest.DirectoryData] {
        let ordered = assignments.sorted { ($0.directory, $0.partition) < ($1.directory, $1.partition) }
        var directories: [AssignReplicasToDirsRequest.DirectoryData] = []
        for assignment in ordered {
            if directories.last?.id != assignment.directory {
                var directory = AssignReplicasToDirsRequest.DirectoryData()
                directory.id = assignment.directory
                directories.append(directory)
            }
            let last = directories.count - 1
            if directories[last].topics.last?.topicId != assignment.partition.topicID {
                var topic = AssignReplicasToDirsRequest.TopicData()
                topic.topicId = assignment.partition.topicID
                directories[last].topics.append(topic)
            }
            var partition = AssignReplicasToDirsRequest.PartitionData()
            partition.partitionIndex = assignment.partition.partition
            directories[last].topics[directories[last].topics.count - 1].partitions.append(partition)
        }
        return directories
    }

    private static func errors(in response: AssignReplicasToDirsResponse) -> [TopicIDPartition: ErrorCode] {
        var errors: [TopicIDPartition: ErrorCode] = [:]
        for directory in response.directories {
            for topic in directory.topics {
                for partition in topic.partitions {
                    let id = TopicIDPartition(topicID: topic.topicId, partition: partition.partitionIndex)
                    errors[id] = partition.errorCode
                }
            }
        }
        return errors
    }
}
