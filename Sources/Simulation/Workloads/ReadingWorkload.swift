import ApusCore
import Broker
import ClusterMetadata

/// Consumers that read all topics, from leaders or nearby, for a while or for ever.
package final class ReadingWorkload: Workload {
    package let name = "reading"
    private var readers: [ReadingClient] = []

    /// - Parameter isNearby: all of them read from a replica in their own zone where there is one; else some.
    package init(_ stage: Stage, count: Int, isNearby: Bool = false) {
        let purpose = isNearby ? "nearby reader" : "reader"
        var random = stage.random(isNearby ? "reading nearby" : "reading")
        for index in 0..<count {
            let habits = ReadingClient.Habits(
                readsNearby: Bool.random(using: &random) || isNearby, readsCommitted: Bool.random(using: &random),
                life: index == 0 ? nil : .milliseconds(Int64.random(in: 50...3000, using: &random)),
                startsAnywhere: Bool.random(using: &random),
                waitMax: .milliseconds([0, 20, 500][Int.random(in: 0..<3, using: &random)]))
            self.readers.append(
                ReadingClient(
                    stage.makeClient("reader"), habits: habits, topics: stage.topics.map(\.name),
                    random: stage.random(purpose, index)))
        }
    }

    package func begin() {
        for reader in self.readers { reader.begin() }
    }

    package func windDown() {
        for reader in self.readers { reader.windDown() }
    }

    package var isQuiet: Bool { self.readers.allSatisfy(\.isWinding) }
}

/// Reads everything that is left, once, when all is healed: what it does not find is lost.
final class FinalReading {
    private let stage: Stage
    private let readers: [ReadingClient]
    private let partitions: [TopicPartition]

    /// - Parameter partitions: those that exist, that nobody tried to delete and that somebody leads.
    init(_ stage: Stage, partitions: [TopicPartition]) {
        self.stage = stage
        self.partitions = partitions
        let habits = ReadingClient.Habits(
            readsNearby: false, readsCommitted: false, life: nil, startsAnywhere: false, waitMax: .milliseconds(100))
        self.readers = [
            ReadingClient(
                stage.makeClient("last"), habits: habits, topics: [], partitions: partitions,
                random: stage.random("last"))
        ]
    }

    func begin() {
        for reader in self.readers { reader.begin() }
    }

    /// Partitions that are not read to the end of what is committed, with how far they are.
    var missing: [(key: TopicPartition, position: Offset, end: Offset)] {
        let memory = self.stage.watch.memory
        return self.partitions.compactMap { key in
            guard let topic = memory.metadata.topic(named: key.topic) else { return nil }
            let id = TopicIDPartition(topicID: topic.id, partition: key.partition)
            // What is not watched any more ends where its leader says.
            let leader = topic[key.partition]?.leader ?? .none
            let end = max(memory.committedEnd(id), memory.replicas[leader]?[id]?.highWatermark ?? 0)
            let position = self.readers.map { $0.positions[key] ?? 0 }.min() ?? 0
            return position < end ? (key, position, end) : nil
        }
    }
}
