package import ApusCore
package import ClusterMetadata
package import Telemetry

/// Notices when the loss of one zone begins to endanger partitions led by this broker, and when that ends.
package struct ZoneRiskWatch: Sendable {
    /// How long changes are collected before they are looked at: a rolling restart is one change after another.
    package static let interval = Interval.seconds(1)

    private let localID: NodeID
    private let defaultMinInsyncReplicas: Int
    private var isEndangered = false

    /// What a look found to be new.
    package enum Turn: Equatable, Sendable {
        case began(ZoneRiskCensus)
        case ended
    }

    package init(localID: NodeID, defaultMinInsyncReplicas: Int) {
        self.localID = localID
        self.defaultMinInsyncReplicas = defaultMinInsyncReplicas
    }

    /// True where the changes of a publication can change what is endangered.
    package static func isAffected(by delta: MetadataDelta) -> Bool {
        !delta.changedPartitions.isEmpty || !delta.deletedTopics.isEmpty || !delta.changedBrokers.isEmpty
            || !delta.changedConfigurations.isEmpty
    }

    package mutating func look(at image: MetadataImage) -> Turn? {
        let census = ZoneRiskCensus(
            image, leader: self.localID, defaultMinInsyncReplicas: self.defaultMinInsyncReplicas)
        let wasEndangered = self.isEndangered
        self.isEndangered = census.partitionCount > 0
        switch (wasEndangered, self.isEndangered) {
        case (false, true): return .began(census)
        case (true, false): return .ended
        case (false, false), (true, true): return nil
        }
    }
}

extension ZoneRiskWatch.Turn {
    /// Says it in the log.
    package func write(to log: Logger) {
        switch self {
        case .began(let census):
            log.warn(
                "with the loss of one zone partitions led here would fall below min.insync.replicas",
                [
                    "partitions": LogValue(census.partitionCount),
                    "zones": LogValue(census.zones.joined(separator: ",")),
                    "example": LogValue(census.example.map { "\($0)" } ?? ""),
                ])
        case .ended:
            log.info("every partition led here would survive the loss of one zone", [:])
        }
    }
}
