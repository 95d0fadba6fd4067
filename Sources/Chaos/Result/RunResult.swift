/// What one run of one scenario showed: the root of `SCENARIO-CLUSTER.json`.
///
/// All moments are seconds since the workload began (`at`, `from`, `to`), all lengths seconds, unless a name says
/// otherwise. Lists are in the order of time.
package struct RunResult: Codable, Equatable, Sendable {
    /// Raised when a field changes its meaning or goes.
    package var formatVersion = 1
    /// The scenario's file name without its ending: `rolling-kills`.
    package var scenario: String
    /// What the scenario is about, one sentence.
    package var summary: String
    /// What was tested.
    package var cluster: ClusterKind
    /// The program under test as it names itself.
    package var program: String
    /// The time of day at which the workload began, ISO 8601 in UTC.
    package var startedAt: String
    /// From the first record to the end of the final reading.
    package var seconds: Double
    /// How long the workload ran, without the final reading.
    package var workloadSeconds: Double
    /// Set where the scenario could not be run, and why: nothing below means anything then.
    package var skipped: String?
    package var nodes: [NodeOutline]
    package var partitions: [PartitionOutline]
    package var faults: [FaultSpan]
    package var samples: [Sample]
    /// Every time a partition acknowledged nothing for longer than `PauseSpan.threshold`.
    package var pauses: [PauseSpan]
    /// How long each partition was not writable after each fault.
    package var recoveries: [Recovery]
    package var workload: WorkloadTotals
    package var anomalies: [AnomalyTotal]
    package var expectations: [ExpectationOutcome]
    /// What happened beside the plan: a node that ended by itself, a question nobody answered.
    package var notes: [Note]

    package init(
        scenario: String, summary: String, cluster: ClusterKind, program: String, startedAt: String,
        seconds: Double = 0, workloadSeconds: Double = 0, skipped: String? = nil, nodes: [NodeOutline] = [],
        partitions: [PartitionOutline] = [], faults: [FaultSpan] = [], samples: [Sample] = [],
        pauses: [PauseSpan] = [], recoveries: [Recovery] = [], workload: WorkloadTotals = WorkloadTotals(),
        anomalies: [AnomalyTotal] = [], expectations: [ExpectationOutcome] = [], notes: [Note] = []
    ) {
        self.scenario = scenario
        self.summary = summary
        self.cluster = cluster
        self.program = program
        self.startedAt = startedAt
        self.seconds = seconds
        self.workloadSeconds = workloadSeconds
        self.skipped = skipped
        self.nodes = nodes
        self.partitions = partitions
        self.faults = faults
        self.samples = samples
        self.pauses = pauses
        self.recoveries = recoveries
        self.workload = workload
        self.anomalies = anomalies
        self.expectations = expectations
        self.notes = notes
    }

    /// Every expectation held.
    package var isGood: Bool { self.expectations.allSatisfy(\.holds) }
}

/// Whose brokers were tested.
package enum ClusterKind: String, Codable, CaseIterable, Sendable {
    case ours
    case kafka
}

/// A node of the cluster.
package struct NodeOutline: Codable, Equatable, Sendable {
    package var id: Int
    package var zone: String
    /// `broker`, `controller` or both.
    package var roles: [String]

    package init(id: Int, zone: String, roles: [String]) {
        self.id = id
        self.zone = zone
        self.roles = roles
    }
}

/// A partition that the workload wrote to.
package struct PartitionOutline: Codable, Hashable, Sendable {
    package var topic: String
    package var index: Int

    package init(topic: String, index: Int) {
        self.topic = topic
        self.index = index
    }
}

/// Something that happened at a moment.
package struct Note: Codable, Equatable, Sendable {
    package var at: Double
    package var text: String

    package init(at: Double, text: String) {
        self.at = at
        self.text = text
    }
}
