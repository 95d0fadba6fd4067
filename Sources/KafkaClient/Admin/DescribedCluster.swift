package import ApusCore

/// A cluster as its brokers tell it.
package struct DescribedCluster: Hashable, Sendable {
    package var clusterID: String
    package var controllerID: NodeID
    /// By id.
    package var brokers: [BrokerEndpoint]
}

/// A setting of a topic, and where its value is from.
package struct DescribedSetting: Hashable, Sendable {
    package var name: String
    /// Nil for what is not told: a password.
    package var value: String?
    /// Set for the topic itself, not inherited.
    package var isOwn: Bool
}

/// Where a position lies in a log.
package struct ListedOffset: Hashable, Sendable {
    /// `unknown` where no record is at or after the time that was asked for.
    package var offset: Offset
    package var timestamp: Timestamp
}
