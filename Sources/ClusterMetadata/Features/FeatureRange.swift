/// The levels of a feature that a node supports, both ends inclusive.
package struct FeatureRange: Hashable, Sendable {
    package var min: Int16
    package var max: Int16

    package init(min: Int16, max: Int16) {
        self.min = min
        self.max = max
    }

    package func contains(_ level: Int16) -> Bool {
        level >= self.min && level <= self.max
    }
}
