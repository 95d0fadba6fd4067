import ApusCore
import ClusterMetadata
import Configuration
import KafkaProtocol
import Networking
import Synchronization

/// Creates topics that clients ask for and that do not exist, each once at a time.
final class AutoTopicCreation: Sendable {
    private let controller: ControllerChannel
    private let metadata: PublishedMetadata
    private let configuration: BrokerConfiguration
    private let underWay = Mutex<Set<String>>([])

    private static let timeout = Interval.seconds(30)

    init(controller: ControllerChannel, metadata: PublishedMetadata, configuration: BrokerConfiguration) {
        self.controller = controller
        self.metadata = metadata
        self.configuration = configuration
    }

    /// Asks the controller to create those of `names` that nobody is creating already. From any thread.
    func create(_ names: [String]) {
        let fresh = self.underWay.withLock { underWay in
            names.filter { underWay.insert($0).inserted }
        }
        guard !fresh.isEmpty else { return }
        var request = CreateTopicsRequest()
        request.timeoutMs = Int32(Self.timeout.milliseconds)
        request.topics = fresh.map { name in
            var topic = CreateTopicsRequest.CreatableTopic()
            topic.name = name
            topic.numPartitions = self.configuration.topicCreation.partitionCount
            topic.replicationFactor = self.configuration.topicCreation.replicationFactor
            return topic
        }
        let done: @Sendable () -> Void = {
            self.underWay.withLock { $0.subtract(fresh) }
        }
        let message = request
        self.controller.perform(timeout: Self.timeout) { channel, retry in
            channel.send(message, timeout: Self.timeout) { result in
                switch result {
                case .success(let response) where response.topics.contains { $0.errorCode == .notController }: retry()
                case .failure(.disconnected): retry()
                case .success, .failure: done()
                }
            }
        } expired: {
            done()
        }
    }
}
