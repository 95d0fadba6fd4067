package import ApusCore

/// How brokers and controllers know of each other that they are alive.
package struct LivenessConfiguration: Hashable, Sendable {
    package var heartbeatInterval: Interval
    package var sessionTimeout: Interval
    /// After this a broker whose controller connection broke is fenced, unless it is back; zero waits for the session.
    package var disconnectFencing: Interval
    package var registrationTimeout: Interval
    package var controlledShutdownEnable: Bool

    init(_ settings: ConfigSettings) {
        self.heartbeatInterval = settings.interval("broker.heartbeat.interval.ms")
        self.sessionTimeout = settings.interval("broker.session.timeout.ms")
        self.disconnectFencing = settings.interval("apus.broker.disconnect.fencing.ms")
        self.registrationTimeout = settings.interval("initial.broker.registration.timeout.ms")
        self.controlledShutdownEnable = settings.boolean("controlled.shutdown.enable")
    }
}
