package import ApusCore

/// When a broker registers, asks to be unfenced, beats, and leaves: decisions only.
///
/// | from | to | cause |
/// |---|---|---|
/// | unregistered | fenced | the controller accepted the registration |
/// | fenced | running | a heartbeat's answer says that it is no longer fenced |
/// | running | fenced | a heartbeat's answer says that it was fenced: it asks to be unfenced again |
/// | fenced, running | leaving | `shutdownRequested` |
/// | fenced, running, leaving | unregistered | the controller no longer knows the registration (STALE_BROKER_EPOCH) |
/// | any | ended | the controller let it go, leaving took too long, or registering is refused for good |
///
/// At most one request is under way. A lost answer is a failed one: the connection reports it.
///
/// Source: Kafka 4.3's broker lifecycle; KIP-631, KIP-841.
package struct BrokerLifecycle: Equatable, Sendable {
    package struct Timing: Equatable, Sendable {
        /// `broker.heartbeat.interval.ms`.
        package var heartbeatInterval: Interval
        /// Between heartbeats while the broker is fenced and wants not to be, and between attempts that failed: short,
        /// since a start or a failover waits for it.
        package var impatientInterval: Interval = .milliseconds(20)
        /// How long leaving may take before the broker ends without leave.
        package var leaveTimeout: Interval
        /// How long a leaving broker waits for a controller: without one there is nobody to move leadership to, as when
        /// all nodes of a cluster are stopped together.
        package var controllerlessMax: Interval = .seconds(2)

        package init(heartbeatInterval: Interval, leaveTimeout: Interval) {
            self.heartbeatInterval = heartbeatInterval
            self.leaveTimeout = leaveTimeout
        }
    }

    package enum Phase: Equatable, Sendable {
        case unregistered
        case fenced(BrokerEpoch)
        case running(BrokerEpoch)
        /// Since when, for the timeout.
        case leaving(BrokerEpoch, since: Instant)
        case ended
    }

    package enum Effect: Equatable, Sendable {
        case sendRegistration
        case sendHeartbeat(epoch: BrokerEpoch, metadataOffset: Offset, wantFence: Bool, wantShutDown: Bool)
        /// Call `timerFired` at this instant; it replaces the timer set before.
        case setTimer(Instant)
        case registered(BrokerEpoch)
        case unfenced
        case fenced
        /// Stop serving: leadership has moved, or will have to be taken away.
        case end(clean: Bool)
        case fail(ErrorCode)
    }

    package let timing: Timing
    package private(set) var phase: Phase = .unregistered
    /// The highest metadata offset that this broker has applied, inclusive; -1 before any.
    private var metadataOffset: Offset = .unknown
    /// The broker's logs are loaded and it can serve.
    private var isReady = false
    private var isConnected = false
    private var isAwaitingAnswer = false
    /// There is news that the heartbeat under way did not carry.
    private var hasNews = false
    /// Since when there has been no controller while the broker wants to leave.
    private var controllerlessSince: Instant?

    package init(timing: Timing) {
        self.timing = timing
    }

    package var brokerEpoch: BrokerEpoch {
        switch self.phase {
        case .unregistered, .ended: .unknown
        case .fenced(let epoch), .running(let epoch), .leaving(let epoch, since: _): epoch
        }
    }

    // MARK: - Events

    package mutating func controllerConnected(now: Instant) -> [Effect] {
        self.isConnected = true
        self.isAwaitingAnswer = false
        self.controllerlessSince = nil
        return self.communicate(now: now)
    }

    package mutating func controllerLost(now: Instant) -> [Effect] {
        self.isConnected = false
        self.isAwaitingAnswer = false
        guard case .leaving = self.phase else { return [] }
        self.controllerlessSince = self.controllerlessSince ?? now
        return [.setTimer(now + self.timing.impatientInterval)]
    }

    package mutating func logsLoaded(now: Instant) -> [Effect] {
        self.isReady = true
        return self.communicate(now: now)
    }

    /// The broker has applied the metadata log up to `offset`, inclusive.
    package mutating func metadataApplied(_ offset: Offset, now: Instant) -> [Effect] {
        self.metadataOffset = max(self.metadataOffset, offset)
        switch self.phase {
        case .fenced: return self.communicate(now: now)
        case .unregistered, .running, .leaving, .ended: return []
        }
    }

    package mutating func timerFired(now: Instant) -> [Effect] {
        guard case .leaving(_, let since) = self.phase else { return self.communicate(now: now) }
        if now >= since + self.timing.leaveTimeout {
            self.phase = .ended
            return [.end(clean: false)]
        }
        if let lost = self.controllerlessSince, now >= lost + self.timing.controllerlessMax {
            self.phase = .ended
            return [.end(clean: true)]
        }
        return self.communicate(now: now) + [.setTimer(now + self.timing.impatientInterval)]
    }

    /// Log directories went out of service, which the next heartbeat says: it is sent at once.
    package mutating func directoriesFailed(now: Instant) -> [Effect] {
        switch self.phase {
        case .fenced, .running, .leaving:
            self.hasNews = self.isAwaitingAnswer
            return self.communicate(now: now)
        case .unregistered, .ended:
            return []
        }
    }

    package mutating func shutdownRequested(now: Instant) -> [Effect] {
        switch self.phase {
        case .unregistered:
            self.phase = .ended
            return [.end(clean: true)]
        case .fenced(let epoch), .running(let epoch):
            self.phase = .leaving(epoch, since: now)
            if !self.isConnected { self.controllerlessSince = now }
            return self.communicate(now: now) + [.setTimer(now + self.timing.impatientInterval)]
        case .leaving, .ended:
            return []
        }
    }

    package mutating func registrationAnswered(
        _ error: ErrorCode, epoch: BrokerEpoch, now: Instant
    ) -> [Effect] {
        self.isAwaitingAnswer = false
        guard case .unregistered = self.phase else { return [] }
        switch error {
        case .noError:
            self.phase = .fenced(epoch)
            return [.registered(epoch)] + self.communicate(now: now)
        case .inconsistentClusterID, .invalidRegistration, .unsupportedVersion, .clusterAuthorizationFailed:
            self.phase = .ended
            return [.fail(error)]
        default:
            // DUPLICATE_BROKER_REGISTRATION passes once the session of the process before this one has ended.
            return [.setTimer(now + self.timing.impatientInterval)]
        }
    }

    package mutating func heartbeatAnswered(
        _ error: ErrorCode, isFenced: Bool, shouldShutDown: Bool, now: Instant
    ) -> [Effect] {
        self.isAwaitingAnswer = false
        guard error == .noError else {
            if error == .staleBrokerEpoch || error == .brokerIDNotRegistered { return self.forgotten(now: now) }
            return [.setTimer(now + self.timing.impatientInterval)]
        }
        switch self.phase {
        case .unregistered, .ended:
            return []
        case .leaving:
            guard shouldShutDown else { return [.setTimer(now + self.timing.impatientInterval)] }
            self.phase = .ended
            return [.end(clean: true)]
        case .fenced(let epoch) where !isFenced:
            self.phase = .running(epoch)
            return [.unfenced, .setTimer(now + self.timing.heartbeatInterval)]
        case .running(let epoch) where isFenced:
            self.phase = .fenced(epoch)
            return [.fenced] + self.communicate(now: now)
        case .fenced:
            return [.setTimer(now + self.timing.impatientInterval)]
        case .running where self.hasNews:
            self.hasNews = false
            return self.communicate(now: now)
        case .running:
            return [.setTimer(now + self.timing.heartbeatInterval)]
        }
    }

    // MARK: - Decisions

    private mutating func forgotten(now: Instant) -> [Effect] {
        switch self.phase {
        case .leaving:
            self.phase = .ended
            return [.end(clean: true)]
        case .fenced, .running, .unregistered:
            self.phase = .unregistered
            return self.communicate(now: now)
        case .ended:
            return []
        }
    }

    /// Sends what the phase asks for, unless a request is under way or there is nobody to send it to.
    private mutating func communicate(now: Instant) -> [Effect] {
        guard self.isConnected, !self.isAwaitingAnswer else { return [] }
        switch self.phase {
        case .ended:
            return []
        case .unregistered:
            self.isAwaitingAnswer = true
            return [.sendRegistration]
        case .fenced(let epoch), .running(let epoch):
            return [self.heartbeat(epoch, wantShutDown: false)]
        case .leaving(let epoch, since: _):
            return [self.heartbeat(epoch, wantShutDown: true)]
        }
    }

    private mutating func heartbeat(_ epoch: BrokerEpoch, wantShutDown: Bool) -> Effect {
        self.isAwaitingAnswer = true
        return .sendHeartbeat(
            epoch: epoch, metadataOffset: self.metadataOffset, wantFence: !self.isReady, wantShutDown: wantShutDown)
    }
}
