import ApusCore

/// Keeping track of who fetches.
extension LeaderState {
    mutating func noteFetch(
        by replica: ReplicaKey, from offset: Offset, endOffset: Offset, _ configuration: RaftConfiguration,
        _ now: Instant
    ) {
        self.update(replica, configuration, now) { $0.noteFetch(from: offset, endOffset: endOffset, now: now) }
    }

    mutating func noteContact(by replica: ReplicaKey, _ configuration: RaftConfiguration, _ now: Instant) {
        self.update(replica, configuration, now) { $0.noteContact(now: now) }
    }

    private mutating func update(
        _ replica: ReplicaKey, _ configuration: RaftConfiguration, _ now: Instant,
        _ change: (inout ReplicaProgress) -> Void
    ) {
        guard replica.id != .none else { return }
        if let index = self.voters.firstIndex(where: { $0.replica.matches(replica) }) {
            change(&self.voters[index])
            return
        }
        var index = self.observers.partitioningIndex { $0.replica >= replica }
        if index == self.observers.endIndex || self.observers[index].replica != replica {
            self.forgetObservers(silentSince: now - RaftConfiguration.observerSessionTimeout)
            index = self.observers.partitioningIndex { $0.replica >= replica }
            self.observers.insert(ReplicaProgress(replica: replica, nextNotice: .distantFuture), at: index)
        }
        change(&self.observers[index])
    }

    private mutating func forgetObservers(silentSince instant: Instant) {
        self.observers.removeAll { ($0.lastFetch ?? self.electedAt) < instant }
        guard self.observers.count >= RaftConfiguration.observerCountMax else { return }
        let silentLongest = self.observers.indices.min {
            (self.observers[$0].lastFetch ?? self.electedAt) < (self.observers[$1].lastFetch ?? self.electedAt)
        }
        if let silentLongest { self.observers.remove(at: silentLongest) }
    }
}

extension Array {
    /// The index of the first element that `belongsInSecondPartition`, all of which come last.
    fileprivate func partitioningIndex(where belongsInSecondPartition: (Element) -> Bool) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecondPartition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
