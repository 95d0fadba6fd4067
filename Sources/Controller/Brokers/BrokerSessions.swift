import ApusCore
import ClusterMetadata

/// What the controller hears from brokers: volatile, and built anew by every controller that takes over.
///
/// Three detectors say that an unfenced broker is gone. A broker that sends no heartbeat for the session timeout is; one
/// whose connection was lost is after a short grace, unless a heartbeat or a new connection comes first; and one whose
/// port refuses connections is at once: a kernel that answers for nobody is proof that the process has ended.
struct BrokerSessions: Sendable {
    private let sessionTimeout: Interval
    private let disconnectGrace: Interval
    private let startTime: Instant
    private var sessions: [NodeID: Session] = [:]

    struct Session: Equatable, Sendable {
        var epoch: BrokerEpoch
        /// When the broker was heard last; nil before its first heartbeat of this epoch.
        var contactTime: Instant?
        /// When the grace after a lost connection ends; nil while none runs.
        var graceEnd: Instant?
        /// How far the broker has read the metadata log.
        var metadataOffset: Offset = -1
        /// The offset of the registration record, which the broker must have read before it is unfenced.
        var registrationOffset: Offset
        /// The end of the records that moved the leaderships away; the others must have read them.
        var shutdownOffset: Offset?
    }

    /// - Parameter startTime: brokers that this controller has not heard yet count as heard then.
    init(sessionTimeout: Interval, disconnectGrace: Interval, startTime: Instant) {
        self.sessionTimeout = sessionTimeout
        self.disconnectGrace = disconnectGrace
        self.startTime = startTime
    }

    subscript(broker: NodeID) -> Session? { self.sessions[broker] }

    /// A registration was applied. A new epoch is a new session.
    mutating func registered(_ broker: NodeID, epoch: BrokerEpoch, at offset: Offset) {
        if self.sessions[broker]?.epoch == epoch {
            self.sessions[broker]?.registrationOffset = offset
        } else {
            self.sessions[broker] = Session(epoch: epoch, registrationOffset: offset)
        }
    }

    mutating func unregistered(_ broker: NodeID) {
        self.sessions[broker] = nil
    }

    mutating func heartbeat(from broker: NodeID, metadataOffset: Offset, now: Instant) {
        self.sessions[broker]?.contactTime = now
        self.sessions[broker]?.graceEnd = nil
        self.sessions[broker]?.metadataOffset = metadataOffset
    }

    mutating func beganShutdown(of broker: NodeID, endOffset: Offset) {
        self.sessions[broker]?.shutdownOffset = endOffset
    }

    /// The connection is gone. A grace that runs already is not extended.
    mutating func connectionLost(to broker: NodeID, now: Instant) {
        guard let session = self.sessions[broker], session.graceEnd == nil else { return }
        self.sessions[broker]?.graceEnd = now + self.disconnectGrace
    }

    /// Nobody listens where the broker did.
    mutating func connectionRefused(by broker: NodeID, now: Instant) {
        self.sessions[broker]?.graceEnd = now
    }

    mutating func connectionRestored(to broker: NodeID) {
        self.sessions[broker]?.graceEnd = nil
    }

    /// The broker was found to be gone: a process that takes its place need not wait for the session's end.
    mutating func ended(_ broker: NodeID) {
        self.sessions[broker]?.contactTime = nil
        self.sessions[broker]?.graceEnd = nil
    }

    /// When the broker counts as gone, if nothing is heard until then.
    func deadline(of broker: NodeID) -> Instant {
        guard let session = self.sessions[broker] else { return self.startTime + self.sessionTimeout }
        let timeout = (session.contactTime ?? self.startTime) + self.sessionTimeout
        return min(timeout, session.graceEnd ?? .distantFuture)
    }

    /// True where a process of this epoch has sent a heartbeat and does not count as gone.
    func hasValidSession(_ broker: NodeID, epoch: BrokerEpoch, now: Instant) -> Bool {
        guard let session = self.sessions[broker], session.epoch == epoch, session.contactTime != nil else {
            return false
        }
        return now < self.deadline(of: broker)
    }
}
