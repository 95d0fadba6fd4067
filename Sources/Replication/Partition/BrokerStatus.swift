package import ApusCore

/// What the metadata image says of one broker, as far as in-sync replicas depend on it (KIP-841, KIP-903).
package struct BrokerStatus: Equatable, Sendable {
    package var id: NodeID
    /// The epoch of its current registration, or `nil` where it is not registered.
    package var epoch: BrokerEpoch?
    package var isFenced: Bool
    /// It is in controlled shutdown and must not join an ISR any more.
    package var isShuttingDown: Bool

    package init(id: NodeID, epoch: BrokerEpoch?, isFenced: Bool = false, isShuttingDown: Bool = false) {
        self.id = id
        self.epoch = epoch
        self.isFenced = isFenced
        self.isShuttingDown = isShuttingDown
    }

    /// It is registered and not fenced.
    var isAlive: Bool { self.epoch != nil && !self.isFenced }
}
