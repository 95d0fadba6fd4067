/// The features that a new cluster begins with, as `--release-version` and `--feature` choose them.
package struct FeatureChoice: Hashable, Sendable {
    package var release: KafkaRelease
    /// What is said of single features; these win over the release.
    package var levels: [ClusterFeature: Int16]

    private static let metadataVersion = "metadata.version"

    package init(release: KafkaRelease = .newest, levels: [ClusterFeature: Int16] = [:]) {
        self.release = release
        self.levels = levels
    }

    /// Reads what was given on a command line: a release or nil, and `feature=level` texts.
    ///
    /// - Throws: `StorageFormatError` in Kafka's words.
    package init(release: String?, features: [String]) throws(StorageFormatError) {
        self.init()
        if let release {
            guard let found = KafkaRelease.named(release) else {
                let names = KafkaRelease.all.map(\.name).joined(separator: ", ")
                throw StorageFormatError(
                    .unknownRelease, "Unknown metadata.version '\(release)'. Supported metadata.version are: \(names)")
            }
            self.release = found
        }
        for feature in features {
            try self.add(feature, releaseGiven: release != nil)
        }
    }

    /// The level of a feature.
    package func level(of feature: ClusterFeature) -> Int16 {
        self.levels[feature] ?? self.release.features.first { $0.feature == feature }?.level ?? 0
    }

    private mutating func add(_ text: String, releaseGiven: Bool) throws(StorageFormatError) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard sides.count == 2 else {
            throw StorageFormatError(
                .malformedFeature, "Can't parse feature=level string \(text): equals sign not found.")
        }
        guard let level = Int16(sides[1]) else {
            throw StorageFormatError(
                .malformedFeature, "Can't parse feature=level string \(text): unable to parse \(sides[1]) as a short.")
        }
        if sides[0] == Self.metadataVersion {
            guard !releaseGiven else {
                throw StorageFormatError(
                    .malformedFeature, "Use either --release-version or --feature metadata.version, not both.")
            }
            guard let release = KafkaRelease.at(level: level) else {
                throw StorageFormatError(
                    .unknownFeatureLevel, "No feature:metadata.version with feature level \(level)")
            }
            self.release = release
            return
        }
        guard let feature = ClusterFeature(rawValue: sides[0]) else {
            let names = ClusterFeature.allCases.map(\.rawValue).sorted().joined(separator: ", ")
            throw StorageFormatError(
                .unknownFeature, "Unsupported feature: \(sides[0]). Supported features are: \(names)")
        }
        guard (0...feature.newest).contains(level) else {
            throw StorageFormatError(
                .unknownFeatureLevel, "No feature:\(feature.rawValue) with feature level \(level)")
        }
        self.levels[feature] = level
    }
}
