extension BrokerConfigs {
    /// Sockets, requests and fetches.
    static let sockets: [ConfigKey] = [
        ConfigKey(
            "socket.send.buffer.bytes", .int, "102400", .high,
            "The kernel's send buffer of a connection; -1 leaves it to the system."),
        ConfigKey(
            "socket.receive.buffer.bytes", .int, "102400", .high,
            "The kernel's receive buffer of a connection; -1 leaves it to the system."),
        ConfigKey(
            "socket.request.max.bytes", .int, "104857600", valid: .atLeast(1), .high,
            "The largest request that is read; a larger one closes its connection."),
        ConfigKey(
            "socket.listen.backlog.size", .int, "50", valid: .atLeast(1), .medium,
            "Connections that may wait to be accepted."),
        ConfigKey(
            "socket.connection.setup.timeout.ms", .long, "10000", .medium,
            "How long to wait for an outgoing connection at first."),
        ConfigKey(
            "socket.connection.setup.timeout.max.ms", .long, "30000", .medium,
            "The longest wait for an outgoing connection after repeated failures."),
        ConfigKey(
            "queued.max.requests", .int, "500", valid: .atLeast(1), .high,
            "Requests that may wait before reading stops."),
        ConfigKey(
            "queued.max.request.bytes", .long, "-1", .medium,
            "Bytes of requests that may wait before reading stops; -1 sets no limit."),
        ConfigKey(
            "request.timeout.ms", .int, "30000", .high,
            "How long a request of this node to another waits for its answer."),
        ConfigKey(
            "controller.socket.timeout.ms", .int, "30000", .medium,
            "How long a request to the controller may take."),
        ConfigKey(
            "max.request.partition.size.limit", .int, "2000", valid: .atLeast(1), .medium,
            "Partitions that one request for topic descriptions answers."),
        ConfigKey(
            "fetch.max.bytes", .int, "57671680", valid: .atLeast(1024), .medium,
            "The most bytes that one fetch answers."),
        ConfigKey(
            "max.incremental.fetch.session.cache.slots", .int, "1000", valid: .atLeast(0), .medium,
            "Incremental fetch sessions that are kept."),
    ]
}
