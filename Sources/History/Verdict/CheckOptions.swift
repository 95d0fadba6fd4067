package import ApusCore

/// What a test expects of its history.
package struct CheckOptions: Hashable, Sendable {
    /// Classes that are told but do not make a history wrong.
    package var allowed = AnomalyClass.allowedByDefault
    /// Further classes that are allowed at some partitions, such as those that writers without idempotence use.
    package var allowedByKey: [TopicPartition: Set<AnomalyClass>] = [:]
    /// Whether reads depend on the order of writes too. G1c means nothing with them where writes interleave.
    package var usesWriteEdges = false
    /// The test ended with readers that read everything; without, what nobody read is not held against the cluster.
    package var hasFinalReads = true
    /// Partitions that those readers could not read, because too few replicas live: that nobody read a value there says
    /// nothing, wherever others have read.
    package var unreadable: Set<TopicPartition> = []
    /// So many anomalies of a class and a partition are told in full; all are counted.
    package var detailsMax = 16

    package init() {}

    func allows(_ kind: AnomalyClass, at key: TopicPartition?) -> Bool {
        if self.allowed.contains(kind) { return true }
        guard let key else { return false }
        if kind == .unseen || kind == .lostWrite, self.unreadable.contains(key) { return true }
        return self.allowedByKey[key]?.contains(kind) ?? false
    }
}
