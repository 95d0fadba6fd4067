import ApusCore
import KafkaClient
import LocalCluster
import Synchronization

/// Asks the cluster again and again how its zones stand, on a task of its own: an answer may take long while nodes die.
final class ZoneSurveyor: Sendable {
    private struct State {
        var picture: ZonePicture
        var answers = 0
        var isStopped = false
    }

    private static let pause = Duration.milliseconds(100)
    private let cluster: LocalCluster
    private let topic: String
    private let state: Mutex<State>

    init(_ cluster: LocalCluster, topic: String, partitionCount: Int) {
        self.cluster = cluster
        self.topic = topic
        let zones = cluster.layout.zones.map { zone in
            ZonePicture.Zone(name: zone, nodes: cluster.nodes.filter { cluster.layout.zone(of: $0) == zone })
        }
        self.state = Mutex(State(picture: ZonePicture(zones: zones, partitionCount: partitionCount)))
    }

    /// Asks until `stop`.
    func start(_ client: ClusterClient) {
        Task.detached {
            let admin = Admin(client, timeout: .seconds(5))
            while !self.state.withLock({ $0.isStopped }) {
                do {
                    self.take(try await admin.topics([self.topic]).first?.partitions ?? [])
                } catch {
                    // Nobody answers for the moment, which the next round will tell.
                }
                do {
                    try await Task.sleep(for: Self.pause)
                } catch {
                    return
                }
            }
        }
    }

    func stop() {
        self.state.withLock { $0.isStopped = true }
    }

    /// How many answers there were; a picture is of now where this has grown by two.
    var answers: Int { self.state.withLock { $0.answers } }

    /// The zones' leaders as of the last answer, and the nodes' processes as of now.
    func picture() -> ZonePicture {
        var picture = self.state.withLock { $0.picture }
        for index in picture.zones.indices {
            picture.zones[index].runningNodes = picture.zones[index].nodes.filter {
                self.cluster.process(of: $0) != nil
            }
        }
        return picture
    }

    private func take(_ partitions: [PartitionMetadata]) {
        self.state.withLock { state in
            for index in state.picture.zones.indices {
                let nodes = state.picture.zones[index].nodes
                state.picture.zones[index].leaderCount =
                    partitions.filter { nodes.contains(Int($0.leader.rawValue)) }.count
            }
            state.picture.fullCount = partitions.filter { $0.isr.count == $0.replicas.count }.count
            state.answers += 1
        }
    }
}
