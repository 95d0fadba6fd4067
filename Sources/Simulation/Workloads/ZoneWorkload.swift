package import ApusCore
import ClusterMetadata
import EventLoop
import KafkaClient

/// An operator who drains zones and restores them, and says which zones should lead topics.
package final class ZoneWorkload: Workload, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package let name = "zones"
    private let stage: Stage
    private let client: SimulatedClient
    private let pause: Interval
    private let zones: [String]
    private var random: SeededRandom
    private var cluster: ClusterClient?
    private var isWinding = false
    private var underWay = 0

    package init(_ stage: Stage, pause: Interval) {
        self.stage = stage
        self.pause = pause
        self.zones = stage.cluster.shape.zones
        self.random = stage.random("zones")
        self.client = stage.makeClient("operator")
    }

    package func begin() {
        self.client.run {
            self.cluster = self.client.makeCluster()
            self.schedule()
        }
    }

    package func windDown() { self.isWinding = true }

    package var isQuiet: Bool { self.underWay == 0 }

    /// Some of the zones, the best first, as the setting has them.
    static func list(of zones: [String], _ random: inout SeededRandom) -> String {
        let chosen = zones.shuffled(using: &random).prefix(Int.random(in: 1...zones.count, using: &random))
        return chosen.joined(separator: ",")
    }

    private func schedule() {
        let time = Interval(nanoseconds: Int64.random(in: 1...(2 * self.pause.nanoseconds), using: &self.random))
        _ = self.client.loop.schedule(after: time) { [weak self] in
            guard let self, !self.isWinding else { return }
            self.act()
            self.schedule()
        }
    }

    private func act() {
        guard let cluster = self.cluster, self.underWay < 3,
            let zone = self.zones.randomElement(using: &self.random),
            let topic = self.stage.topics.randomElement(using: &self.random)
        else { return }
        let owner: SettingOwner
        let change: SettingChange
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0, 1: (owner, change) = (.allBrokers, SettingChange(.append, ZoneConfigKey.drained, zone))
        case 2, 3: (owner, change) = (.allBrokers, SettingChange(.subtract, ZoneConfigKey.drained, zone))
        case 4, 5, 6:
            let list = Self.list(of: self.zones, &self.random)
            (owner, change) = (.topic(topic.name), SettingChange(.set, ZoneConfigKey.leaders, list))
        default: (owner, change) = (.topic(topic.name), SettingChange(.delete, ZoneConfigKey.leaders, nil))
        }
        self.underWay += 1
        let what = "\(change.operation) \(change.name) \(change.value ?? "") of \(owner)"
        AdminClient(cluster: cluster).change(change, of: owner) { code in
            self.underWay -= 1
            self.stage.world.note(.client, host: self.client.host.number, "\(what): \(code)")
        }
    }
}
