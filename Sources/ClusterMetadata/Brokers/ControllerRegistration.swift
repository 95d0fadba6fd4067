package import ApusCore

/// A controller as it registered (KIP-919).
package struct ControllerRegistration: Hashable, Sendable {
    package var id: NodeID
    package var incarnationID: KafkaUUID
    package var isZKMigrationReady: Bool
    /// The endpoints by listener name, ascending by name.
    package var endpoints: [Endpoint]
    package var features: [String: FeatureRange]

    package init(
        id: NodeID, incarnationID: KafkaUUID, isZKMigrationReady: Bool = false, endpoints: [Endpoint] = [],
        features: [String: FeatureRange] = [:]
    ) {
        self.id = id
        self.incarnationID = incarnationID
        self.isZKMigrationReady = isZKMigrationReady
        self.endpoints = endpoints
        self.features = features
    }
}
