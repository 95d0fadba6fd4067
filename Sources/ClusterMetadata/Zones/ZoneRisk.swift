package import ApusCore

/// Which zones a partition cannot lose without falling below `min.insync.replicas`.
///
/// The warning level before the one where `acks=all` is refused: everything is served, and the loss of one zone more
/// would end that. Brokers without a rack are a zone of their own, as they are for the placement of replicas. A cluster
/// of fewer than two zones has none to lose and to go on without, so none of its partitions counts as at risk.
package enum ZoneRisk {
    /// True where brokers are in at least two zones.
    package static func isMeaningful(_ zones: some Sequence<String?>) -> Bool {
        var first: String??
        for zone in zones {
            guard let known = first else {
                first = .some(zone)
                continue
            }
            if zone != known { return true }
        }
        return false
    }

    /// The zones whose loss leaves fewer than `minInsyncReplicas` of the ISR, in the order of the ISR; nil stands for the
    /// brokers without a rack.
    ///
    /// - Parameters:
    ///   - minInsyncReplicas: at most the number of replicas.
    ///   - zone: the zone of a broker.
    package static func zones(
        isr: [NodeID], minInsyncReplicas: Int, zone: (NodeID) -> String?
    ) -> [String?] {
        let members = isr.map(zone)
        var found: [String?] = []
        for lost in members where !found.contains(lost) {
            if members.count(where: { $0 != lost }) < minInsyncReplicas { found.append(lost) }
        }
        return found
    }

    /// The same without a list: true where there is such a zone.
    package static func isAtRisk(
        isr: [NodeID], minInsyncReplicas: Int, zone: (NodeID) -> String?
    ) -> Bool {
        let tolerated = isr.count - minInsyncReplicas
        // Every zone that holds a member takes at least that one.
        if tolerated < 1 { return !isr.isEmpty }
        return isr.contains { member in
            let lost = zone(member)
            return isr.count { zone($0) == lost } > tolerated
        }
    }
}
