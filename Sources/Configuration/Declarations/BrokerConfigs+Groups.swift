extension BrokerConfigs {
    /// Classic, consumer and streams groups, and their offsets.
    static let groups: [ConfigKey] = [
        ConfigKey(
            "group.coordinator.rebalance.protocols", .list, "classic,consumer,streams",
            valid: .list(allowed: ["consumer", "classic", "share", "streams"], emptyAllowed: false), .medium,
            "The group protocols that are offered."),
        ConfigKey(
            "group.coordinator.threads", .int, "4", valid: .atLeast(1), .high,
            "Threads that run group coordinators."),
        ConfigKey(
            "group.coordinator.background.threads", .int, "2", valid: .atLeast(1), .high,
            "Threads for slow work of the group coordinator."),
        ConfigKey(
            "group.coordinator.append.linger.ms", .int, "-1", valid: .atLeast(-1), .medium,
            "How long coordinators gather records before they write; -1 adapts to the load."),
        ConfigKey(
            "group.coordinator.cached.buffer.max.bytes", .int, "1048588", valid: .atLeast(524288), .medium,
            update: .clusterWide,
            "The largest write buffer that a group coordinator keeps."),
        ConfigKey(
            "group.min.session.timeout.ms", .int, "6000", .medium,
            "The shortest session timeout that a classic member may ask for."),
        ConfigKey(
            "group.max.session.timeout.ms", .int, "1800000", .medium,
            "The longest session timeout that a classic member may ask for."),
        ConfigKey(
            "group.initial.rebalance.delay.ms", .int, "3000", .medium,
            "How long a new classic group waits for more members."),
        ConfigKey(
            "group.max.size", .int, "2147483647", valid: .atLeast(1), .medium,
            "Members that a classic group may have."),
        ConfigKey(
            "group.consumer.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "A consumer group member that is silent for longer is removed."),
        ConfigKey(
            "group.consumer.min.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "The shortest session timeout of a consumer group."),
        ConfigKey(
            "group.consumer.max.session.timeout.ms", .int, "60000", valid: .atLeast(1), .medium,
            "The longest session timeout of a consumer group."),
        ConfigKey(
            "group.consumer.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "How often consumer group members send a heartbeat."),
        ConfigKey(
            "group.consumer.min.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "The shortest heartbeat interval of a consumer group."),
        ConfigKey(
            "group.consumer.max.heartbeat.interval.ms", .int, "15000", valid: .atLeast(1), .medium,
            "The longest heartbeat interval of a consumer group."),
        ConfigKey(
            "group.consumer.assignment.interval.ms", .int, "1000", valid: .atLeast(0), .medium, update: .clusterWide,
            "The least time between two assignments of a consumer group."),
        ConfigKey(
            "group.consumer.min.assignment.interval.ms", .int, "0", valid: .atLeast(0), .medium,
            "The smallest assignment interval of a consumer group."),
        ConfigKey(
            "group.consumer.max.assignment.interval.ms", .int, "15000", valid: .atLeast(0), .medium,
            "The largest assignment interval of a consumer group."),
        ConfigKey(
            "group.consumer.max.size", .int, "2147483647", valid: .atLeast(1), .medium,
            "Members that a consumer group may have."),
        ConfigKey(
            "group.consumer.assignors", .list, "uniform,range", valid: .list(emptyAllowed: false), .medium,
            "The assignors offered to consumer groups; the first is the default."),
        ConfigKey(
            "group.consumer.migration.policy", .string, "bidirectional",
            valid: .oneOfIgnoringCase(["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), .medium,
            "Whether groups may move between the classic and the consumer protocol."),
        ConfigKey(
            "group.consumer.regex.refresh.interval.ms", .int, "600000", valid: .atLeast(10000), .medium,
            isInternal: true,
            "How often subscriptions by pattern are matched against topics again."),
        ConfigKey(
            "group.streams.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "A streams group member that is silent for longer is removed."),
        ConfigKey(
            "group.streams.min.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "The shortest session timeout of a streams group."),
        ConfigKey(
            "group.streams.max.session.timeout.ms", .int, "60000", valid: .atLeast(1), .medium,
            "The longest session timeout of a streams group."),
        ConfigKey(
            "group.streams.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "How often streams group members send a heartbeat."),
        ConfigKey(
            "group.streams.min.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "The shortest heartbeat interval of a streams group."),
        ConfigKey(
            "group.streams.max.heartbeat.interval.ms", .int, "15000", valid: .atLeast(1), .medium,
            "The longest heartbeat interval of a streams group."),
        ConfigKey(
            "group.streams.assignment.interval.ms", .int, "1000", valid: .atLeast(0), .medium, update: .clusterWide,
            "The least time between two assignments of a streams group."),
        ConfigKey(
            "group.streams.min.assignment.interval.ms", .int, "0", valid: .atLeast(0), .medium,
            "The smallest assignment interval of a streams group."),
        ConfigKey(
            "group.streams.max.assignment.interval.ms", .int, "15000", valid: .atLeast(0), .medium,
            "The largest assignment interval of a streams group."),
        ConfigKey(
            "group.streams.max.size", .int, "2147483647", valid: .atLeast(1), .medium,
            "Members that a streams group may have."),
        ConfigKey(
            "group.streams.num.standby.replicas", .int, "0", valid: .atLeast(0), .medium,
            "Standby replicas of each streams task."),
        ConfigKey(
            "group.streams.max.standby.replicas", .int, "2", valid: .atLeast(0), .medium,
            "The most standby replicas that a streams group may ask for."),
        ConfigKey(
            "group.streams.initial.rebalance.delay.ms", .int, "3000", valid: .atLeast(0), .medium,
            "How long a new streams group waits for more members."),
        ConfigKey(
            "offset.metadata.max.bytes", .int, "4096", .high,
            "The most bytes of text that a client may store with an offset."),
        ConfigKey(
            "offsets.commit.timeout.ms", .int, "5000", valid: .atLeast(1), .high,
            "How long the commit of offsets waits for its replicas."),
        ConfigKey(
            "offsets.load.buffer.size", .int, "5242880", valid: .atLeast(1), .high,
            "Bytes read at a time when offsets are loaded."),
        ConfigKey(
            "offsets.retention.check.interval.ms", .long, "600000", valid: .atLeast(1), .high,
            "How often expired offsets are looked for."),
        ConfigKey(
            "offsets.retention.minutes", .int, "10080", valid: .atLeast(1), .high,
            "How long offsets are kept after their group became empty."),
        ConfigKey(
            "offsets.topic.compression.codec", .int, "0", .high,
            "The compression of the offsets topic, by its number."),
        ConfigKey(
            "offsets.topic.num.partitions", .int, "50", valid: .atLeast(1), .high,
            "Partitions of the offsets topic."),
        ConfigKey(
            "offsets.topic.replication.factor", .short, "3", valid: .atLeast(1), .high,
            "Replicas of the offsets topic."),
        ConfigKey(
            "offsets.topic.segment.bytes", .int, "104857600", valid: .atLeast(1), .high,
            "The segment size of the offsets topic."),
    ]
}
