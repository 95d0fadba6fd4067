/// A feature at a level; level 0 is off.
package struct FeatureLevel: Hashable, Sendable {
    package var feature: ClusterFeature
    package var level: Int16

    package init(_ feature: ClusterFeature, _ level: Int16) {
        self.feature = feature
        self.level = level
    }
}
