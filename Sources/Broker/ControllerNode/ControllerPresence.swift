package import ApusCore
package import ClusterMetadata

/// Whether the cluster's metadata knows this process of a controller as it is now, and what to do until it does.
///
/// | From | To | Cause |
/// |---|---|---|
/// | unknown, known | asking | committed metadata says something else of this controller, or nothing |
/// | asking | accepted | the active controller took the registration |
/// | asking | waiting | it refused, or did not answer |
/// | accepted, waiting | asking | the timer fired, and the metadata still says something else |
/// | any | known | committed metadata says of this controller what is so |
/// | any | unknown | the cluster's `metadata.version` is too old for registrations of controllers |
///
/// At most one request is under way.
///
/// Source: KIP-919.
package struct ControllerPresence: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        case unknown
        case asking
        case accepted
        case waiting
        case known
    }

    package enum Effect: Equatable, Sendable {
        case sendRegistration
        /// Call `timerFired` after this long.
        case setTimer(Interval)
        /// The registration is committed.
        case registered
    }

    /// What the metadata shall say.
    package let registration: ControllerRegistration
    package private(set) var phase: Phase = .unknown
    private var retryInterval = Self.retryIntervalMin

    /// How long an accepted registration may take until it is seen in the committed metadata.
    private static let commitTimeout = Interval.seconds(2)
    private static let retryIntervalMin = Interval.milliseconds(100)
    private static let retryIntervalMax = Interval.seconds(10)

    package init(registration: ControllerRegistration) {
        self.registration = registration
    }

    /// Committed metadata was applied.
    ///
    /// - Parameters:
    ///   - found: what it says of this controller.
    ///   - isSupported: false where its level has no registrations of controllers.
    package mutating func metadataApplied(_ found: ControllerRegistration?, isSupported: Bool) -> [Effect] {
        guard isSupported else {
            self.phase = .unknown
            return []
        }
        guard found != self.registration else {
            defer { self.phase = .known }
            self.retryInterval = Self.retryIntervalMin
            return self.phase == .known ? [] : [.registered]
        }
        switch self.phase {
        case .unknown, .known:
            self.phase = .asking
            return [.sendRegistration]
        case .asking, .accepted, .waiting:
            return []
        }
    }

    /// - Parameter isAccepted: false for a refusal and for no answer.
    package mutating func answered(isAccepted: Bool) -> [Effect] {
        switch self.phase {
        case .asking where isAccepted:
            self.phase = .accepted
            return [.setTimer(Self.commitTimeout)]
        case .asking:
            self.phase = .waiting
            let interval = self.retryInterval
            self.retryInterval = min(Self.retryIntervalMax, Interval(nanoseconds: interval.nanoseconds * 2))
            return [.setTimer(interval)]
        case .unknown, .accepted, .waiting, .known:
            return []
        }
    }

    package mutating func timerFired() -> [Effect] {
        switch self.phase {
        case .accepted, .waiting:
            self.phase = .asking
            return [.sendRegistration]
        case .unknown, .asking, .known:
            return []
        }
    }
}
