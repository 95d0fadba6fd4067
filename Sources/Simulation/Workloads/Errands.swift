import ApusCore
import EventLoop
import KafkaClient

/// What somebody asks of a cluster now and then: after pauses that are drawn, and with few errands under way at once.
final class Errands: @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    /// Draws the pauses, and what is asked.
    var random: SeededRandom
    private let stage: Stage
    private let client: SimulatedClient
    private let pause: Interval
    private var cluster: ClusterClient?
    private var next: ((AdminClient) -> Void)?
    private var isWinding = false
    private var underWay = 0

    private static let underWayMax = 3

    init(_ stage: Stage, of client: String, purpose: String, pause: Interval) {
        self.stage = stage
        self.pause = pause
        self.random = stage.random(purpose)
        self.client = stage.makeClient(client)
    }

    /// Begins; each time `next` asks for something, or for nothing.
    func begin(_ next: @escaping (AdminClient) -> Void) {
        self.next = next
        self.client.run {
            self.cluster = self.client.makeCluster()
            self.schedule()
        }
    }

    func windDown() { self.isWinding = true }

    var isQuiet: Bool { self.underWay == 0 }

    /// An errand begins; what comes of it ends it, and is noted.
    func start(_ what: String) -> AdminClient.Completion {
        self.underWay += 1
        return { code in
            self.underWay -= 1
            self.stage.world.note(.client, host: self.client.host.number, "\(what): \(code)")
        }
    }

    private func schedule() {
        let time = Interval(nanoseconds: Int64.random(in: 1...(2 * self.pause.nanoseconds), using: &self.random))
        _ = self.client.loop.schedule(after: time) { [weak self] in
            guard let self, !self.isWinding else { return }
            if let cluster = self.cluster, self.underWay < Self.underWayMax {
                self.next?(AdminClient(cluster: cluster))
            }
            self.schedule()
        }
    }
}
