package import ApusCore
import ClusterMetadata
import Synchronization

/// The replicas on this broker by the names that requests use.
package final class ReplicaRegistry: Sendable {
    private struct Index {
        var byID: [TopicIDPartition: Partition] = [:]
        var byName: [TopicPartition: Partition] = [:]
    }

    private let index = Mutex(Index())

    package init() {}

    package subscript(id: TopicIDPartition) -> Partition? { self.index.withLock { $0.byID[id] } }

    package subscript(name: TopicPartition) -> Partition? { self.index.withLock { $0.byName[name] } }

    /// All replicas, in the order of their topics' names.
    package var all: [Partition] {
        self.index.withLock { Array($0.byID.values) }.sorted { $0.topicPartition < $1.topicPartition }
    }

    package func add(_ partition: Partition) {
        self.index.withLock { index in
            index.byID[partition.id] = partition
            index.byName[partition.topicPartition] = partition
        }
    }

    package func remove(_ partition: Partition) {
        self.index.withLock { index in
            index.byID[partition.id] = nil
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
