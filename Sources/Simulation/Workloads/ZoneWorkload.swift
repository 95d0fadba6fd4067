package import ApusCore
import ClusterMetadata
import EventLoop
import KafkaClient

/// An operator who drains zones and restores them, and says which zones should lead topics.
package final class ZoneWorkload: Workload, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    package let name = "zones"
    private let stage: Stage
    private let errands: Errands
    private let zones: [String]

    package init(_ stage: Stage, pause: Interval) {
        self.stage = stage
        self.zones = stage.cluster.shape.zones
        self.errands = Errands(stage, of: "operator", purpose: "zones", pause: pause)
    }

    package func begin() { self.errands.begin { [weak self] in self?.act($0) } }

    package func windDown() { self.errands.windDown() }

    package var isQuiet: Bool { self.errands.isQuiet }

    /// Some of the zones, the best first, as the setting has them.
    static func list(of zones: [String], _ random: inout SeededRandom) -> String {
        let chosen = zones.shuffled(using: &random).prefix(Int.random(in: 1...zones.count, using: &random))
        return chosen.joined(separator: ",")
    }

    private func act(_ admin: AdminClient) {
        guard let zone = self.zones.randomElement(using: &self.errands.random),
            let topic = self.stage.topics.randomElement(using: &self.errands.random)
        else { return }
        let owner: SettingOwner
        let change: SettingChange
        switch Int.random(in: 0..<8, using: &self.errands.random) {
        case 0, 1: (owner, change) = (.allBrokers, SettingChange(.append, ZoneConfigKey.drained, zone))
        case 2, 3: (owner, change) = (.allBrokers, SettingChange(.subtract, ZoneConfigKey.drained, zone))
        case 4, 5, 6:
            let list = Self.list(of: self.zones, &self.errands.random)
            (owner, change) = (.topic(topic.name), SettingChange(.set, ZoneConfigKey.leaders, list))
        default: (owner, change) = (.topic(topic.name), SettingChange(.delete, ZoneConfigKey.leaders, nil))
        }
        let what = "\(change.operation) \(change.name) \(change.value ?? "") of \(owner)"
        admin.change(change, of: owner, self.errands.start(what))
    }
}
