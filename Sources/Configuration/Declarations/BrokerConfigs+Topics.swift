extension BrokerConfigs {
    /// Creation of topics, elections.
    static let topics: [ConfigKey] = [
        ConfigKey(
            "auto.create.topics.enable", .boolean, "true", .high,
            "Create a topic when a client asks for one that is not there."),
        ConfigKey(
            "delete.topic.enable", .boolean, "true", .high,
            "Allow topics to be deleted."),
        ConfigKey(
            "num.partitions", .int, "1", valid: .atLeast(1), .medium,
            "Partitions of a topic that is created without a count."),
        ConfigKey(
            "default.replication.factor", .int, "1", .medium,
            "Replicas of a partition that is created without a count."),
        ConfigKey(
            "min.insync.replicas", .int, "1", valid: .atLeast(1), .high, update: .clusterWide,
            "Replicas that must hold a record before acks=all is answered."),
        ConfigKey(
            "unclean.leader.election.enable", .boolean, "false", .high, update: .clusterWide,
            "Allow a replica outside the ISR to lead when no other is left; records may be lost."),
        ConfigKey(
            "unclean.leader.election.interval.ms", .long, "300000", valid: .atLeast(1), .medium, isInternal: true,
            "How often partitions without a leader are looked at for an unclean election."),
        ConfigKey(
            "auto.leader.rebalance.enable", .boolean, "true", .high,
            "Give leadership back to the preferred replicas from time to time."),
        ConfigKey(
            "leader.imbalance.check.interval.seconds", .long, "300", valid: .atLeast(1), .high,
            "How often leadership is looked at for rebalancing."),
        ConfigKey(
            "create.topic.policy.class.name", .javaClass, nil, .low,
            "A class that checks new topics."),
        ConfigKey(
            "alter.config.policy.class.name", .javaClass, nil, .low,
            "A class that checks changed configs."),
    ]
}
