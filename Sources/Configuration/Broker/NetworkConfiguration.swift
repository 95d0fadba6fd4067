package import ApusCore

/// Loops, sockets, requests and connections.
package struct NetworkConfiguration: Hashable, Sendable {
    /// Event loops.
    package var loopCount: Int
    /// Threads for what may wait for the disk.
    package var ioThreadCount: Int
    /// Nil leaves the buffer to the system.
    package var sendBufferBytes: Int?
    /// Nil leaves the buffer to the system.
    package var receiveBufferBytes: Int?
    /// A larger request closes its connection.
    package var requestBytesMax: Int
    package var listenBacklog: Int
    package var connectionsMax: Int
    package var connectionsPerAddressMax: Int
    /// Nil never closes an idle connection.
    package var connectionIdleMax: Interval?
    package var failedAuthenticationDelay: Interval
    package var connectionSetupTimeout: Interval
    package var requestTimeout: Interval
    /// Bytes of one fetch response.
    package var fetchBytesMax: Int
    package var fetchSessionSlots: Int

    init(_ settings: ConfigSettings) {
        func buffer(_ name: String) -> Int? {
            let size = settings.int(name)
            return size < 0 ? nil : size
        }
        self.loopCount = settings.int("num.network.threads")
        self.ioThreadCount = settings.int("num.io.threads")
        self.sendBufferBytes = buffer("socket.send.buffer.bytes")
        self.receiveBufferBytes = buffer("socket.receive.buffer.bytes")
        self.requestBytesMax = settings.int("socket.request.max.bytes")
        self.listenBacklog = settings.int("socket.listen.backlog.size")
        self.connectionsMax = settings.int("max.connections")
        self.connectionsPerAddressMax = settings.int("max.connections.per.ip")
        let idle = settings.integer("connections.max.idle.ms")
        self.connectionIdleMax = idle < 0 ? nil : .milliseconds(idle)
        self.failedAuthenticationDelay = settings.interval("connection.failed.authentication.delay.ms")
        self.connectionSetupTimeout = settings.interval("socket.connection.setup.timeout.ms")
        self.requestTimeout = settings.interval("request.timeout.ms")
        self.fetchBytesMax = settings.int("fetch.max.bytes")
        self.fetchSessionSlots = settings.int("max.incremental.fetch.session.cache.slots")
    }
}
