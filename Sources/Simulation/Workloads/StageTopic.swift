package import ApusCore
package import KafkaClient

/// A topic of a world's workload, and how it is written to.
package struct StageTopic: Hashable, Sendable {
    /// What its writers ask for.
    package enum Discipline: Hashable, Sendable {
        case idempotent
        case plain(ProducerConfiguration.Acknowledgement)

        package var acknowledgement: ProducerConfiguration.Acknowledgement {
            switch self {
            case .idempotent: .all
            case .plain(let acknowledgement): acknowledgement
            }
        }

        /// Whether an answer promises that the records stay.
        package var isDurable: Bool { self.acknowledgement == .all }
    }

    package var name: String
    package var partitionCount: Int32
    package var replicationFactor: Int16
    package var settings: [String: String]
    package var discipline: Discipline
    /// May be deleted while it is used.
    package var isEphemeral: Bool
    /// May be led by who was not in sync.
    package var allowsUncleanElection: Bool { self.settings["unclean.leader.election.enable"] == "true" }

    package init(
        name: String, partitionCount: Int32, replicationFactor: Int16, settings: [String: String] = [:],
        discipline: Discipline, isEphemeral: Bool = false
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.settings = settings
        self.discipline = discipline
        self.isEphemeral = isEphemeral
    }

    package var partitions: [TopicPartition] {
        (0..<self.partitionCount).map { TopicPartition(topic: self.name, partition: PartitionIndex($0)) }
    }
}
