package import ApusCore

/// A broker as it registered, and what the controller has decided about it since.
package struct BrokerRegistration: Hashable, Sendable {
    package var id: NodeID
    package var epoch: BrokerEpoch
    /// The id of the broker process: a restarted process has another.
    package var incarnationID: KafkaUUID
    /// The endpoints by listener name, ascending by name.
    package var endpoints: [Endpoint]
    /// The feature levels that the broker supports, by feature name.
    package var features: [String: FeatureRange]
    package var rack: String?
    /// A fenced broker leads nothing, is in no ISR, and is not shown to clients.
    package var isFenced: Bool
    package var isInControlledShutdown: Bool
    /// The log directories that are online.
    package var logDirectories: [KafkaUUID]
    /// Log directories that take no new replicas (KIP-1066); nil until the broker has said.
    package var cordonedLogDirectories: [KafkaUUID]?

    package init(
        id: NodeID, epoch: BrokerEpoch, incarnationID: KafkaUUID, endpoints: [Endpoint] = [],
        features: [String: FeatureRange] = [:], rack: String? = nil, isFenced: Bool = true,
        isInControlledShutdown: Bool = false, logDirectories: [KafkaUUID] = [],
        cordonedLogDirectories: [KafkaUUID]? = nil
    ) {
        self.id = id
        self.epoch = epoch
        self.incarnationID = incarnationID
        self.endpoints = endpoints
        self.features = features
        self.rack = rack
        self.isFenced = isFenced
        self.isInControlledShutdown = isInControlledShutdown
        self.logDirectories = logDirectories
        self.cordonedLogDirectories = cordonedLogDirectories
    }

    /// True where the broker may lead and be in an ISR.
    package var isActive: Bool { !self.isFenced && !self.isInControlledShutdown }

    /// The endpoint of a listener; nil where the broker has none of that name.
    package func endpoint(listener: String) -> Endpoint? {
        self.endpoints.first { $0.name == listener }
    }

    /// True where a replica in `directory` can be reached.
    package func hasOnlineDirectory(_ directory: KafkaUUID) -> Bool {
        DirectoryID.isOnline(directory, online: self.logDirectories)
    }

    /// The directory that a new replica gets: the only one, or "unassigned" for the broker to choose.
    package var defaultDirectory: KafkaUUID {
        self.logDirectories.count == 1 ? self.logDirectories[0] : DirectoryID.unassigned
    }

    /// True where every log directory is cordoned, so that no replica may be placed here.
    package var isCordoned: Bool {
        guard let cordoned = self.cordonedLogDirectories, !self.logDirectories.isEmpty else { return false }
        return self.logDirectories.allSatisfy { cordoned.contains($0) }
    }
}
