package import ApusCore

/// Which zones a partition cannot lose without falling below `min.insync.replicas`.
///
/// The warning level before the one where `acks=all` is refused: everything is served, and the loss of one zone more
/// would end that. Brokers without a rack are a zone of their own, as they are for the placement of replicas. A cluster
/// of fewer than two zones has none to lose and to go on without, so that none of its partitions is told to be at risk.
package enum ZoneRisk {
    /// True where the brokers are in at least two zones.
    package static func isMeaningful(_ brokers: [NodeID: BrokerRegistration]) -> Bool {
        guard let first = brokers.first else { return false }
        return brokers.contains { $0.value.rack != first.value.rack }
    }

    /// The zones whose loss leaves fewer than `minInsyncReplicas` of the ISR, in the order of the ISR; nil stands for the
    /// brokers without a rack.
    ///
    /// - Parameter minInsyncReplicas: at most the number of replicas.
    package static func zones(
        isr: [NodeID], minInsyncReplicas: Int, brokers: [NodeID: BrokerRegistration]
    ) -> [String?] {
        var found: [String?] = []
        for member in isr {
            let zone = brokers[member]?.rack
            guard !found.contains(zone) else { continue }
            let lost = isr.count { brokers[$0]?.rack == zone }
            if isr.count - lost < minInsyncReplicas { found.append(zone) }
        }
        return found
    }

    /// The same without a list: true where there is such a zone.
    package static func isAtRisk(
        isr: [NodeID], minInsyncReplicas: Int, brokers: [NodeID: BrokerRegistration]
    ) -> Bool {
        let tolerated = isr.count - minInsyncReplicas
        // Every zone that holds a member takes at least that one.
        if tolerated < 1 { return !isr.isEmpty }
        return isr.contains { member in
            let zone = brokers[member]?.rack
            return isr.count { brokers[$0]?.rack == zone } > tolerated
        }
    }
}
