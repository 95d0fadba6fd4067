extension BrokerConfigs {
    /// Transactions.
    static let transactions: [ConfigKey] = [
        ConfigKey(
            "transactional.id.expiration.ms", .int, "604800000", valid: .atLeast(1), .high,
            "How long the state of an idle transactional id is kept."),
        ConfigKey(
            "transaction.max.timeout.ms", .int, "900000", valid: .atLeast(1), .high,
            "The longest timeout that a transaction may ask for."),
        ConfigKey(
            "transaction.state.log.load.buffer.size", .int, "5242880", valid: .atLeast(1), .high,
            "Bytes read at a time when transaction state is loaded."),
        ConfigKey(
            "transaction.state.log.min.isr", .int, "2", valid: .atLeast(1), .high,
            "min.insync.replicas of the transaction topic."),
        ConfigKey(
            "transaction.state.log.num.partitions", .int, "50", valid: .atLeast(1), .high,
            "Partitions of the transaction topic."),
        ConfigKey(
            "transaction.state.log.replication.factor", .short, "3", valid: .atLeast(1), .high,
            "Replicas of the transaction topic."),
        ConfigKey(
            "transaction.state.log.segment.bytes", .int, "104857600", valid: .atLeast(1), .high,
            "The segment size of the transaction topic."),
        ConfigKey(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms", .int, "10000", valid: .atLeast(1), .low,
            "How often transactions that ran out of time are looked for."),
        ConfigKey(
            "transaction.remove.expired.transaction.cleanup.interval.ms", .int, "3600000", valid: .atLeast(1), .low,
            "How often expired transactional ids are looked for."),
        ConfigKey(
            "transaction.partition.verification.enable", .boolean, "true", .low, update: .clusterWide,
            "Check that a partition was added to its transaction before a write."),
        ConfigKey(
            "transaction.two.phase.commit.enable", .boolean, "false", .low,
            "Allow two-phase commit with an outside coordinator."),
        ConfigKey(
            "add.partitions.to.txn.retry.backoff.ms", .int, "20", valid: .atLeast(1), .high,
            "The wait before a partition is added to a transaction again."),
        ConfigKey(
            "add.partitions.to.txn.retry.backoff.max.ms", .int, "100", valid: .atLeast(0), .high,
            "The longest wait for a partition to be added to a transaction."),
    ]
}
