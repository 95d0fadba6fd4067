package import ApusCore

/// The replicas of a partition while a reassignment (KIP-455) takes some away and adds others.
package struct ReassignmentReplicas: Equatable, Sendable {
    /// Replicas of the old set that the new one lacks, ascending.
    package var removing: [NodeID]
    /// Replicas of the new set that the old one lacks, ascending.
    package var adding: [NodeID]
    /// All replicas meanwhile: the new set in its order, then what is being removed.
    package var replicas: [NodeID]

    package init(removing: [NodeID], adding: [NodeID], replicas: [NodeID]) {
        self.removing = removing
        self.adding = adding
        self.replicas = replicas
    }

    /// The move from `current` to `target`.
    package init(from current: [NodeID], to target: [NodeID]) {
        self.removing = current.filter { !target.contains($0) }.sorted()
        self.adding = target.filter { !current.contains($0) }.sorted()
        self.replicas = target + self.removing
    }

    package var isInProgress: Bool { !self.removing.isEmpty || !self.adding.isEmpty }

    /// The replicas and ISR after the move, once the ISR allows it to end; nil until then.
    ///
    /// It ends when every added replica is in the ISR; a move that only shrinks the set waits until all that stay are.
    package func completed(isr: [NodeID]) -> (replicas: [NodeID], isr: [NodeID])? {
        guard self.isInProgress else { return nil }
        let newISR = isr.filter { !self.removing.contains($0) }
        let newReplicas = self.replicas.filter { !self.removing.contains($0) }
        if !self.removing.isEmpty, newISR.isEmpty || newReplicas.isEmpty { return nil }
        guard self.adding.allSatisfy({ newISR.contains($0) }) else { return nil }
        if self.adding.count < self.removing.count, !newReplicas.allSatisfy({ newISR.contains($0) }) { return nil }
        return (newReplicas, newISR)
    }
}
