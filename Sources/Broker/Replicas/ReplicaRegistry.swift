package import ApusCore
import ClusterMetadata
import Synchronization

/// The replicas on this broker by the names that requests use.
package final class ReplicaRegistry: Sendable {
    private struct Index {
        var byID: [TopicIDPartition: Partition] = [:]
        var byName: [TopicPartition: Partition] = [:]
        /// All of them in order, once somebody has asked.
        var inOrder: [Partition]?
        var changes = 0

        mutating func changed() {
            self.inOrder = nil
            self.changes += 1
        }
    }

    private let index = Mutex(Index())
    /// Those whose topic asks for a flush after some time (`flush.ms`), and after which.
    private let flushIntervals = Mutex<[TopicIDPartition: Interval]>([:])

    package init() {}

    package subscript(id: TopicIDPartition) -> Partition? { self.index.withLock { $0.byID[id] } }

    package subscript(name: TopicPartition) -> Partition? { self.index.withLock { $0.byName[name] } }

    /// All replicas, in the order of their topics' names.
    package var all: [Partition] {
        let (known, partitions, changes) = self.index.withLock { index in
            (index.inOrder, index.inOrder == nil ? Array(index.byID.values) : [], index.changes)
        }
        if let known { return known }
        // A broker may have many: they are not sorted under the lock.
        let sorted = partitions.sorted { ($0.topicPartition, $0.id) < ($1.topicPartition, $1.id) }
        self.index.withLock { index in
            if index.changes == changes { index.inOrder = sorted }
        }
        return sorted
    }

    /// How often a replica was added or removed.
    package var changes: Int { self.index.withLock { $0.changes } }

    package func add(_ partition: Partition) {
        self.index.withLock { index in
            index.byID[partition.id] = partition
            index.byName[partition.topicPartition] = partition
            index.changed()
        }
    }

    /// Takes note of the topic's `flush.ms`.
    func noteFlushInterval(of partition: Partition, milliseconds: Int64) {
        self.flushIntervals.withLock { intervals in
            intervals[partition.id] = milliseconds == .max ? nil : .milliseconds(milliseconds)
        }
    }

    /// The replicas whose topic asks for a flush after some time, ascending; in most clusters there are none.
    var flushedByTime: [(partition: Partition, interval: Interval)] {
        self.flushIntervals.withLock { $0 }.sorted { $0.key < $1.key }.compactMap { id, interval in
            self[id].map { ($0, interval) }
        }
    }

    package func remove(_ partition: Partition) {
        self.flushIntervals.withLock { $0[partition.id] = nil }
        self.index.withLock { index in
            index.byID[partition.id] = nil
            index.changed()
            // A topic made anew under the same name may have taken the place.
            if index.byName[partition.topicPartition] === partition { index.byName[partition.topicPartition] = nil }
        }
    }
}

/// Where a request's partition is: here, or why not.
enum ReplicaLookup {
    case here(Partition)
    case missing(ErrorCode)
}

extension BrokerServices {
    /// The replica of a partition by name.
    func replica(_ name: TopicPartition) -> ReplicaLookup {
        if let partition = self.replicas[name] { return .here(partition) }
        let isKnown = self.metadata.current.image.partition(name) != nil
        return .missing(isKnown ? .notLeaderOrFollower : .unknownTopicOrPartition)
    }

    /// The replica of a partition by its topic's id.
    func replica(_ id: TopicIDPartition) -> ReplicaLookup {
        if let partition = self.replicas[id] { return .here(partition) }
        guard let topic = self.metadata.current.image.topic(id: id.topicID) else { return .missing(.unknownTopicID) }
        return .missing(topic[id.partition] == nil ? .unknownTopicOrPartition : .notLeaderOrFollower)
    }
}
