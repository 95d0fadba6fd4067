package import ApusCore

/// How topics come and go, and how their leaders are chosen.
package struct TopicCreationConfiguration: Hashable, Sendable {
    package var autoCreateEnable: Bool
    package var deleteEnable: Bool
    package var partitionCount: Int32
    package var replicationFactor: Int16
    package var autoLeaderRebalanceEnable: Bool
    package var leaderImbalanceCheckInterval: Interval
    package var uncleanElectionInterval: Interval

    init(_ settings: ConfigSettings) {
        self.autoCreateEnable = settings.boolean("auto.create.topics.enable")
        self.deleteEnable = settings.boolean("delete.topic.enable")
        self.partitionCount = Int32(clamping: settings.integer("num.partitions"))
        self.replicationFactor = Int16(clamping: settings.integer("default.replication.factor"))
        self.autoLeaderRebalanceEnable = settings.boolean("auto.leader.rebalance.enable")
        self.leaderImbalanceCheckInterval = .seconds(settings.integer("leader.imbalance.check.interval.seconds"))
        self.uncleanElectionInterval = settings.interval("unclean.leader.election.interval.ms")
    }
}
