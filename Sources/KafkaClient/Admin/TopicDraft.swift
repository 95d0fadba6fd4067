/// A topic to be made.
package struct TopicDraft: Hashable, Sendable {
    package struct Setting: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    /// Nil takes the cluster's `num.partitions`.
    package var partitionCount: Int32?
    /// Nil takes the cluster's `default.replication.factor`.
    package var replicationFactor: Int16?
    package var settings: [Setting] = []

    package init(_ name: String, partitionCount: Int32? = nil, replicationFactor: Int16? = nil) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
    }
}
