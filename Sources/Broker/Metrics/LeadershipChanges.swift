package import ApusCore
package import ClusterMetadata

/// Elections and ISR changes between two images, as counted for operators.
package struct LeadershipChanges: Equatable, Sendable {
    /// Partitions, known before, that have another leader now.
    package var leaderElections = 0
    /// Partitions led by this broker before and after, whose ISR became smaller or larger.
    package var isrShrinks = 0
    package var isrExpansions = 0

    package init() {}

    /// - Parameter old: the image before `publication`.
    package init(from old: MetadataImage, to publication: MetadataPublication, localID: NodeID) {
        for id in publication.delta.changedPartitions {
            guard let before = old.partition(id), let after = publication.image.partition(id) else { continue }
            if after.hasLeader, after.leader != before.leader { self.leaderElections += 1 }
            guard before.leader == localID, after.leader == localID else { continue }
            if after.isr.count < before.isr.count { self.isrShrinks += 1 }
            if after.isr.count > before.isr.count { self.isrExpansions += 1 }
        }
    }
}
