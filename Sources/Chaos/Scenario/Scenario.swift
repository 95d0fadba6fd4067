package import ApusCore

/// A test against a running cluster, as its file describes it: what runs, what is done to it, and what must hold.
package struct Scenario: Equatable, Sendable {
    /// The file's name without its ending.
    package var name: String
    package var summary: String
    package var cluster: ClusterPlan
    package var topics: [TopicPlan]
    package var workload: WorkloadPlan
    /// In the order of the file.
    package var faults: [FaultPlan]
    package var expectations: [Expectation]
}

/// The nodes of a scenario's cluster.
package struct ClusterPlan: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var id: Int
        package var zone: String
        package var isBroker: Bool
        package var isController: Bool
    }

    package struct Setting: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    /// By id, from 0 without a gap: brokers first, then controllers of their own.
    package var nodes: [Node]
    /// Settings of every node, which count more than the harness's own.
    package var settings: [Setting]

    package var zones: [String] { Set(self.nodes.map(\.zone)).sorted() }

    package var brokers: [Node] { self.nodes.filter(\.isBroker) }

    package var controllers: [Node] { self.nodes.filter(\.isController) }
}

/// A topic that the workload uses.
package struct TopicPlan: Equatable, Sendable {
    package var name: String
    package var partitionCount: Int
    package var replicationFactor: Int
    package var settings: [ClusterPlan.Setting]
}

/// What clients do while faults happen.
package struct WorkloadPlan: Equatable, Sendable {
    package var producers: ProducerPlan
    package var consumerCount: Int
    /// How long the workload runs before the timeline of faults begins.
    package var warmUp: Interval
    /// How long it runs from then on.
    package var duration: Interval
    /// How long the cluster has to serve again before everything is read at the end.
    package var settle: Interval
}

/// How records are written.
package struct ProducerPlan: Equatable, Sendable {
    package enum Acknowledgement: String, Equatable, Sendable, CaseIterable {
        case all
        case leader = "1"
    }

    package var count: Int
    /// Records a second of all producers together.
    package var rate: Int
    /// Bytes of a record's value, at least 16.
    package var recordSize: Int
    package var acknowledgement: Acknowledgement
    package var isIdempotent: Bool
    /// After so long a batch is given up.
    package var deliveryTimeout: Interval
}
