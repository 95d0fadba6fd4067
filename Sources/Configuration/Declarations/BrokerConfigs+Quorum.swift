extension BrokerConfigs {
    /// The metadata quorum.
    static let quorum: [ConfigKey] = [
        ConfigKey(
            "controller.quorum.voters", .list, "", valid: .voters, .high,
            "The fixed voters of the metadata quorum, as id@host:port entries."),
        ConfigKey(
            "controller.quorum.bootstrap.servers", .list, "", valid: .endpoints, .high,
            "Addresses through which a node finds the quorum when voters are not fixed."),
        ConfigKey(
            "controller.quorum.auto.join.enable", .boolean, "false", .low,
            "A controller that is not yet a voter asks to become one."),
        ConfigKey(
            "controller.quorum.election.timeout.ms", .int, "1000", valid: .atLeast(0), .high,
            "How long a candidate waits for votes before a new election."),
        ConfigKey(
            "controller.quorum.fetch.timeout.ms", .int, "2000", valid: .atLeast(0), .high,
            "How long a follower may be without an answer from the leader before an election."),
        ConfigKey(
            "controller.quorum.election.backoff.max.ms", .int, "1000", valid: .atLeast(0), .high,
            "The longest random wait before the next election."),
        ConfigKey(
            "controller.quorum.append.linger.ms", .int, "25", valid: .atLeast(0), .medium,
            "How long the leader gathers records before it writes them."),
        ConfigKey(
            "controller.quorum.request.timeout.ms", .int, "2000", valid: .atLeast(0), .medium,
            "How long a request within the quorum waits for its answer."),
        ConfigKey(
            "controller.quorum.retry.backoff.ms", .int, "20", valid: .atLeast(0), .low,
            "The wait before a request within the quorum is repeated."),
        ConfigKey(
            "controller.quorum.fetch.max.bytes", .int, "1048576", valid: .atLeast(1), .low,
            "The most bytes of metadata that one fetch of the quorum answers."),
        ConfigKey(
            "controller.quorum.fetch.snapshot.max.bytes", .int, "1048576", valid: .atLeast(1), .low,
            "The most bytes of a snapshot that one fetch answers."),
        ConfigKey(
            "controller.performance.sample.period.ms", .long, "60000", valid: .atLeast(100), .medium, isInternal: true,
            "How often the controller reports how long its events take."),
        ConfigKey(
            "controller.performance.always.log.threshold.ms", .long, "2000", valid: .atLeast(0), .medium,
            isInternal: true,
            "A controller event that takes longer is logged at once."),
    ]
}
