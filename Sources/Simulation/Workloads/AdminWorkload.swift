package import ApusCore
import EventLoop
import KafkaClient

/// An administrator who makes, grows and deletes topics, changes settings and asks for elections.
package final class AdminWorkload: Workload, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package let name = "administration"
    private let stage: Stage
    private let errands: Errands
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
        self.errands = Errands(stage, of: "administrator", purpose: "administration", pause: pause)
    }

    package func begin() { self.errands.begin { [weak self] in self?.act($0) } }

    package func windDown() { self.errands.windDown() }

    package var isQuiet: Bool { self.errands.isQuiet }

    private func act(_ admin: AdminClient) {
        switch Int.random(in: 0..<10, using: &self.errands.random) {
        case 0, 1: self.make(admin)
        case 2: self.delete(admin)
        case 3, 4: self.grow(admin)
        case 5, 6: self.change(admin)
        case 7:
            let topic = self.stage.topics.randomElement(using: &self.errands.random)
            admin.electPreferred(topic, self.errands.start("electing"))
        default: admin.electPreferred(nil, self.errands.start("electing all"))
        }
    }

    private func make(_ admin: AdminClient) {
        guard self.made < Self.topicsMax, let model = self.stage.topics.randomElement(using: &self.errands.random)
        else {
            return self.errands.start("nothing to make")(.noError)
        }
        self.made += 1
        var topic = model
        topic.name = "made-\(self.made)"
        topic.isEphemeral = true
        topic.partitionCount = Int32.random(in: 1...3, using: &self.errands.random)
        let note = self.errands.start("making \(topic.name)")
        // Known before it is there: writers find out when it is.
        self.stage.topics.append(topic)
        admin.create(topic, note)
    }

    private func delete(_ admin: AdminClient) {
        let candidates = self.stage.topics.filter { $0.isEphemeral && !self.stage.doomed.contains($0.name) }
        guard let topic = candidates.randomElement(using: &self.errands.random) else {
            return self.errands.start("nothing to delete")(.noError)
        }
        self.stage.doom(topic.name)
        admin.delete(topic.name, self.errands.start("deleting \(topic.name)"))
    }

    private func grow(_ admin: AdminClient) {
        guard let place = self.stage.topics.indices.randomElement(using: &self.errands.random) else {
            return self.errands.start("nothing to grow")(.noError)
        }
        let topic = self.stage.topics[place]
        guard topic.partitionCount < Self.partitionsMax, !self.stage.doomed.contains(topic.name) else {
            return self.errands.start("nothing to grow")(.noError)
        }
        let note = self.errands.start("growing \(topic.name)")
        admin.grow(topic.name, to: topic.partitionCount + 1) { code in
            if code == .noError, let place = self.stage.topics.firstIndex(where: { $0.name == topic.name }) {
                self.stage.topics[place].partitionCount = max(
                    self.stage.topics[place].partitionCount, topic.partitionCount + 1)
            }
            note(code)
        }
    }

    private func change(_ admin: AdminClient) {
        guard let topic = self.stage.topics.randomElement(using: &self.errands.random),
            let setting = Self.settings.randomElement(using: &self.errands.random),
            let value = setting.values.randomElement(using: &self.errands.random)
        else { return self.errands.start("nothing to change")(.noError) }
        if setting.key == "flush.messages" { self.stage.cluster.faultModel.askedToFlush(after: value) }
        admin.set(
            setting.key, to: value, of: topic.name,
            self.errands.start("setting \(setting.key)=\(value) of \(topic.name)"))
    }
}
