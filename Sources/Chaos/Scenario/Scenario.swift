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

    package init(
        name: String, summary: String, cluster: ClusterPlan, topics: [TopicPlan], workload: WorkloadPlan,
        faults: [FaultPlan], expectations: [Expectation]
    ) {
        self.name = name
        self.summary = summary
        self.cluster = cluster
        self.topics = topics
        self.workload = workload
        self.faults = faults
        self.expectations = expectations
    }
}

/// The nodes of a scenario's cluster.
package struct ClusterPlan: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var id: Int
        package var zone: String
        package var isBroker: Bool
        package var isController: Bool

        package init(
            id: Int, zone: String, isBroker: Bool, isController: Bool
        ) {
            self.id = id
            self.zone = zone
            self.isBroker = isBroker
            self.isController = isController
        }
    }

    package struct Setting: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(
            name: String, value: String
        ) {
            self.name = name
            self.value = value
        }
    }

    /// By id, from 0 without a gap: brokers first, then controllers of their own.
    package var nodes: [Node]
    /// Settings of every node, which count more than the harness's own.
    package var settings: [Setting]

    package init(
        nodes: [Node], settings: [Setting]
    ) {
        self.nodes = nodes
        self.settings = settings
    }

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

    package init(
        name: String, partitionCount: Int, replicationFactor: Int, settings: [ClusterPlan.Setting]
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.settings = settings
    }
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

    package init(
        producers: ProducerPlan, consumerCount: Int, warmUp: Interval, duration: Interval, settle: Interval
    ) {
        self.producers = producers
        self.consumerCount = consumerCount
        self.warmUp = warmUp
        self.duration = duration
        self.settle = settle
    }
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

    package init(
        count: Int, rate: Int, recordSize: Int, acknowledgement: Acknowledgement, isIdempotent: Bool,
        deliveryTimeout: Interval
    ) {
        self.count = count
        self.rate = rate
        self.recordSize = recordSize
        self.acknowledgement = acknowledgement
        self.isIdempotent = isIdempotent
        self.deliveryTimeout = deliveryTimeout
    }
}
