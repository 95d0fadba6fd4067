/// A release of `metadata.version`, and the levels of the other features that a new cluster of that release has.
///
/// Source: Kafka 4.3, `MetadataVersion` and the default levels of its features.
package struct KafkaRelease: Hashable, Sendable {
    /// `4.3-IV0`
    package var name: String
    /// The level of `metadata.version`.
    package var level: Int16

    /// Releases from the oldest to the newest.
    package static let all: [KafkaRelease] = {
        let names = [
            "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0",
            "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2",
            "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
        ]
        return zip(names, Int16(7)...).map(KafkaRelease.init)
    }()

    /// What a new cluster gets unless it is told otherwise.
    package static let newest = KafkaRelease(name: "4.3-IV0", level: 30)

    /// The release called `name`; without `-IV`, the last of that version: `4.1` is `4.1-IV1`.
    package static func named(_ name: String) -> KafkaRelease? {
        self.all.last { $0.name == name || $0.name.hasPrefix(name + "-IV") }
    }

    /// The release with this level of `metadata.version`.
    package static func at(level: Int16) -> KafkaRelease? {
        self.all.first { $0.level == level }
    }

    /// The features other than `metadata.version`, in the order in which Kafka lists them, with their levels.
    package var features: [FeatureLevel] {
        [
            FeatureLevel(.kraft, self.level >= 21 ? 1 : 0),
            FeatureLevel(.transaction, self.level >= 24 ? 2 : 0),
            FeatureLevel(.group, self.level >= 22 ? 1 : 0),
            FeatureLevel(.eligibleLeaderReplicas, self.level >= 26 ? 1 : 0),
            FeatureLevel(.share, self.level >= 28 ? 1 : 0),
            FeatureLevel(.streams, self.level >= 29 ? 1 : 0),
        ]
    }
}
