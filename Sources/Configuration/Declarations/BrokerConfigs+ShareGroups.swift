extension BrokerConfigs {
    /// Share groups (KIP-932).
    static let shareGroups: [ConfigKey] = [
        ConfigKey(
            "group.share.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "A share group member that is silent for longer is removed."),
        ConfigKey(
            "group.share.min.session.timeout.ms", .int, "45000", valid: .atLeast(1), .medium,
            "The shortest session timeout of a share group."),
        ConfigKey(
            "group.share.max.session.timeout.ms", .int, "60000", valid: .atLeast(1), .medium,
            "The longest session timeout of a share group."),
        ConfigKey(
            "group.share.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "How often share group members send a heartbeat."),
        ConfigKey(
            "group.share.min.heartbeat.interval.ms", .int, "5000", valid: .atLeast(1), .medium,
            "The shortest heartbeat interval of a share group."),
        ConfigKey(
            "group.share.max.heartbeat.interval.ms", .int, "15000", valid: .atLeast(1), .medium,
            "The longest heartbeat interval of a share group."),
        ConfigKey(
            "group.share.assignment.interval.ms", .int, "1000", valid: .atLeast(0), .medium, update: .clusterWide,
            "The least time between two assignments of a share group."),
        ConfigKey(
            "group.share.min.assignment.interval.ms", .int, "0", valid: .atLeast(0), .medium,
            "The smallest assignment interval of a share group."),
        ConfigKey(
            "group.share.max.assignment.interval.ms", .int, "15000", valid: .atLeast(0), .medium,
            "The largest assignment interval of a share group."),
        ConfigKey(
            "group.share.max.size", .int, "200", valid: .between(1, 1000), .medium,
            "Members that a share group may have."),
        ConfigKey(
            "group.share.max.share.sessions", .int, "2000", valid: .atLeast(1), .medium,
            "Share sessions that a broker keeps."),
        ConfigKey(
            "group.share.assignors", .list, "simple", valid: .list(emptyAllowed: false), .medium,
            "The assignors offered to share groups."),
        ConfigKey(
            "group.share.delivery.count.limit", .int, "5", valid: .between(2, 10), .medium,
            "How often a record is delivered before it is given up."),
        ConfigKey(
            "group.share.min.delivery.count.limit", .int, "2", valid: .between(2, 5), .medium,
            "The smallest delivery count limit of a share group."),
        ConfigKey(
            "group.share.max.delivery.count.limit", .int, "10", valid: .between(5, 25), .medium,
            "The largest delivery count limit of a share group."),
        ConfigKey(
            "group.share.record.lock.duration.ms", .int, "30000", valid: .between(1000, 3_600_000), .medium,
            "How long a delivered record is locked for its consumer."),
        ConfigKey(
            "group.share.min.record.lock.duration.ms", .int, "15000", valid: .between(1000, 30000), .medium,
            "The shortest record lock of a share group."),
        ConfigKey(
            "group.share.max.record.lock.duration.ms", .int, "60000", valid: .between(30000, 3_600_000), .medium,
            "The longest record lock of a share group."),
        ConfigKey(
            "group.share.partition.max.record.locks", .int, "2000", valid: .between(100, 10000), .medium,
            "Records of a partition that may be in flight in a share group."),
        ConfigKey(
            "group.share.min.partition.max.record.locks", .int, "100", valid: .between(100, 2000), .medium,
            "The smallest limit of records in flight of a share group."),
        ConfigKey(
            "group.share.max.partition.max.record.locks", .int, "4000", valid: .between(2000, 10000), .medium,
            "The largest limit of records in flight of a share group."),
        ConfigKey(
            "group.share.initialize.retry.interval.ms", .int, "30000", valid: .atLeast(1), .low, isInternal: true,
            "The wait before the start of a share partition is tried again."),
        ConfigKey(
            "group.share.persister.class.name", .string,
            "org.apache.kafka.server.share.persister.DefaultStatePersister", .medium, isInternal: true,
            "The class that stores the state of share groups."),
        ConfigKey(
            "share.coordinator.append.linger.ms", .int, "-1", valid: .atLeast(-1), .medium,
            "How long the share coordinator gathers records; -1 adapts to the load."),
        ConfigKey(
            "share.coordinator.cached.buffer.max.bytes", .int, "1048588", valid: .atLeast(524288), .medium,
            update: .clusterWide,
            "The largest write buffer that a share coordinator keeps."),
        ConfigKey(
            "share.coordinator.cold.partition.snapshot.interval.ms", .int, "300000", valid: .atLeast(1), .low,
            isInternal: true,
            "How often the state of an idle share partition is written anew."),
        ConfigKey(
            "share.coordinator.load.buffer.size", .int, "5242880", valid: .atLeast(1), .high,
            "Bytes read at a time when share state is loaded."),
        ConfigKey(
            "share.coordinator.snapshot.update.records.per.snapshot", .int, "500", valid: .between(0, 500), .medium,
            "Update records between two snapshots of share state."),
        ConfigKey(
            "share.coordinator.state.topic.compression.codec", .int, "0", .high,
            "The compression of the share state topic, by its number."),
        ConfigKey(
            "share.coordinator.state.topic.min.isr", .short, "2", valid: .atLeast(1), .high,
            "min.insync.replicas of the share state topic."),
        ConfigKey(
            "share.coordinator.state.topic.num.partitions", .int, "50", valid: .atLeast(1), .high,
            "Partitions of the share state topic."),
        ConfigKey(
            "share.coordinator.state.topic.prune.interval.ms", .int, "300000", valid: .atLeast(1), .low,
            isInternal: true,
            "How often outdated share state is deleted."),
        ConfigKey(
            "share.coordinator.state.topic.replication.factor", .short, "3", valid: .atLeast(1), .high,
            "Replicas of the share state topic."),
        ConfigKey(
            "share.coordinator.state.topic.segment.bytes", .int, "104857600", valid: .atLeast(1), .high,
            "The segment size of the share state topic."),
        ConfigKey(
            "share.coordinator.threads", .int, "1", valid: .atLeast(1), .medium,
            "Threads that run share coordinators."),
        ConfigKey(
            "share.coordinator.write.timeout.ms", .int, "5000", valid: .atLeast(1), .high,
            "How long a write of share state waits for its replicas."),
    ]
}
