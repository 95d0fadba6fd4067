package import ApusCore

/// A cluster as its brokers tell it.
package struct DescribedCluster: Hashable, Sendable {
    package var clusterID: String
    package var controllerID: NodeID
    /// By id, those that are fenced among them where the cluster tells.
    package var brokers: [BrokerEndpoint]
    /// The brokers that are registered, and lead and serve nothing.
    package var fenced: Set<NodeID>

    package init(clusterID: String, controllerID: NodeID, brokers: [BrokerEndpoint], fenced: Set<NodeID> = []) {
        self.clusterID = clusterID
        self.controllerID = controllerID
        self.brokers = brokers
        self.fenced = fenced
    }
}

/// Where a position lies in a log.
package struct ListedOffset: Hashable, Sendable {
    /// `unknown` where no record is at or after the time that was asked for.
    package var offset: Offset
    package var timestamp: Timestamp
}
