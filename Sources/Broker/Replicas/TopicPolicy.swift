import ApusCore
package import KafkaRecords
package import LogStorage
package import Replication

/// What a topic's configuration means for its partitions on this broker.
package struct TopicPolicy: Sendable {
    package var log: LogStorage.LogConfiguration
    package var replica: ReplicaPolicy
    /// How produced batches are checked.
    package var validation: BatchValidator

    package init(log: LogStorage.LogConfiguration, replica: ReplicaPolicy, validation: BatchValidator) {
        self.log = log
        self.replica = replica
        self.validation = validation
    }
}
