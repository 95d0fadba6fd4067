package import ApusCore

/// Which brokers are asked, in which order. A broker that does not answer its other requests in time may be cut off from
/// the cluster and still answer questions, with what it knew before: it comes last. Pure.
package struct QuestionOrder: Equatable, Sendable {
    /// Brokers with requests that are late.
    package private(set) var doubtful: Set<NodeID> = []
    private var leftAt: Instant?

    /// A broker is not left for another more often than this: where all are late, none is better.
    private static let leaveInterval = Interval.seconds(2)

    package init() {}

    /// Requests to these brokers are late.
    ///
    /// - Parameters:
    ///   - current: who is asked now.
    ///   - brokers: all that are known.
    /// - Returns: whether another one is to be asked from now on.
    package mutating func areLate(
        _ late: Set<NodeID>, asking current: BrokerEndpoint?, among brokers: [NodeID: BrokerEndpoint], now: Instant
    ) -> Bool {
        self.doubtful = late
        guard let current, brokers.keys.contains(where: { !late.contains($0) }),
            self.leftAt.map({ now - $0 >= Self.leaveInterval }) ?? true,
            // A bootstrap server is known by its address alone.
            late.contains(where: { brokers[$0].map { $0.host == current.host && $0.port == current.port } ?? false })
        else { return false }
        self.leftAt = now
        return true
    }

    /// The brokers, in the order given, doubtful ones last.
    package func sorted(_ brokers: [BrokerEndpoint]) -> [BrokerEndpoint] {
        brokers.filter { !self.doubtful.contains($0.node) } + brokers.filter { self.doubtful.contains($0.node) }
    }
}
