import ApusCore
import EventLoop
import KafkaClient

/// Makes the topics of a stage, one after the other, again and again until each is there.
final class TopicMaking: @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    private let client: SimulatedClient
    private(set) var left: [StageTopic]
    private var cluster: ClusterClient?

    init(_ client: SimulatedClient, topics: [StageTopic]) {
        self.client = client
        self.left = topics
    }

    func begin() {
        self.client.run {
            self.cluster = self.client.makeCluster()
            self.next()
        }
    }

    private func next() {
        guard let topic = self.left.first, let cluster = self.cluster else { return }
        AdminClient(cluster: cluster).create(topic) { code in
            if code == .noError || code == .topicAlreadyExists {
                self.left.removeFirst()
                self.next()
            } else {
                _ = self.client.loop.schedule(after: .milliseconds(50)) { self.next() }
            }
        }
    }
}
