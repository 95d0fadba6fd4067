package import ApusCore
import EventLoop
import KafkaClient

/// An administrator who makes, grows and deletes topics, changes settings and asks for elections.
package final class AdminWorkload: Workload, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package let name = "administration"
    private let stage: Stage
    private let client: SimulatedClient
    private let pause: Interval
    private var random: SeededRandom
    private var cluster: ClusterClient?
    private var isWinding = false
    private var underWay = 0
    private var made = 0

    /// A topic grows to so many partitions at most, and so many topics are made at most.
    private static let partitionsMax: Int32 = 8
    private static let topicsMax = 6
    private static let settings: [(key: String, values: [String])] = [
        ("retention.ms", ["604800000", "86400000"]), ("internal.segment.bytes", ["2000", "20000"]),
        ("flush.messages", ["1", "100", "9223372036854775807"]), ("max.message.bytes", ["100000", "1048588"]),
        ("index.interval.bytes", ["128", "4096"]),
    ]

    package init(_ stage: Stage, pause: Interval) {
        self.stage = stage
        self.pause = pause
        self.random = stage.random("administration")
        self.client = stage.makeClient("administrator")
    }

    package func begin() {
        self.client.run {
            self.cluster = self.client.makeCluster()
            self.schedule()
        }
    }

    package func windDown() { self.isWinding = true }

    package var isQuiet: Bool { self.underWay == 0 }

    private func schedule() {
        let time = Interval(nanoseconds: Int64.random(in: 1...(2 * self.pause.nanoseconds), using: &self.random))
        _ = self.client.loop.schedule(after: time) { [weak self] in
            guard let self, !self.isWinding else { return }
            self.act()
            self.schedule()
        }
    }

    private func act() {
        guard let cluster = self.cluster, self.underWay < 3 else { return }
        let admin = AdminClient(cluster: cluster)
        self.underWay += 1
        let ended: (String) -> AdminClient.Completion = { what in
            { code in
                self.underWay -= 1
                self.stage.world.note(.client, host: self.client.host.number, "\(what): \(code)")
            }
        }
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0, 1: self.make(admin, ended)
        case 2: self.delete(admin, ended)
        case 3, 4: self.grow(admin, ended)
        case 5, 6: self.change(admin, ended)
        case 7: admin.electPreferred(self.stage.topics.randomElement(using: &self.random), ended("electing"))
        default: admin.electPreferred(nil, ended("electing all"))
        }
    }

    private func make(_ admin: AdminClient, _ ended: (String) -> AdminClient.Completion) {
        guard self.made < Self.topicsMax, let model = self.stage.topics.randomElement(using: &self.random) else {
            return ended("nothing to make")(.noError)
        }
        self.made += 1
        var topic = model
        topic.name = "made-\(self.made)"
        topic.isEphemeral = true
        topic.partitionCount = Int32.random(in: 1...3, using: &self.random)
        let note = ended("making \(topic.name)")
        // Known before it is there: writers find out when it is.
        self.stage.topics.append(topic)
        admin.create(topic, note)
    }

    private func delete(_ admin: AdminClient, _ ended: (String) -> AdminClient.Completion) {
        let candidates = self.stage.topics.filter { $0.isEphemeral && !self.stage.doomed.contains($0.name) }
        guard let topic = candidates.randomElement(using: &self.random) else {
            return ended("nothing to delete")(.noError)
        }
        self.stage.doom(topic.name)
        admin.delete(topic.name, ended("deleting \(topic.name)"))
    }

    private func grow(_ admin: AdminClient, _ ended: (String) -> AdminClient.Completion) {
        guard let place = self.stage.topics.indices.randomElement(using: &self.random) else {
            return ended("nothing to grow")(.noError)
        }
        let topic = self.stage.topics[place]
        guard topic.partitionCount < Self.partitionsMax, !self.stage.doomed.contains(topic.name) else {
            return ended("nothing to grow")(.noError)
        }
        let note = ended("growing \(topic.name)")
        admin.grow(topic.name, to: topic.partitionCount + 1) { code in
            if code == .noError, let place = self.stage.topics.firstIndex(where: { $0.name == topic.name }) {
                self.stage.topics[place].partitionCount = max(
                    self.stage.topics[place].partitionCount, topic.partitionCount + 1)
            }
            note(code)
        }
    }

    private func change(_ admin: AdminClient, _ ended: (String) -> AdminClient.Completion) {
        guard let topic = self.stage.topics.randomElement(using: &self.random),
            let setting = Self.settings.randomElement(using: &self.random),
            let value = setting.values.randomElement(using: &self.random)
        else { return ended("nothing to change")(.noError) }
        if setting.key == "flush.messages" { self.stage.cluster.faultModel.askedToFlush(after: value) }
        admin.set(setting.key, to: value, of: topic.name, ended("setting \(setting.key)=\(value) of \(topic.name)"))
    }
}
