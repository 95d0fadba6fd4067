/// How the cluster looked at one moment, and what the workload did since the sample before.
package struct Sample: Codable, Equatable, Sendable {
    package var at: Double
    /// The active controller; nil where nobody told.
    package var controller: Int?
    /// Of every partition of `RunResult.partitions`, in that order: who leads, -1 for nobody. Empty where nobody told.
    package var leaders: [Int]
    /// The same for the number of replicas in sync.
    package var inSync: [Int]
    /// Nodes whose process runs, stopped ones (SIGSTOP) not counted.
    package var running: [Int]
    /// Records acknowledged since the last sample.
    package var acknowledged: Int
    /// Bytes of their values.
    package var acknowledgedBytes: Int
    /// Records that consumers received since the last sample.
    package var received: Int

    package init(
        at: Double, controller: Int? = nil, leaders: [Int] = [], inSync: [Int] = [], running: [Int] = [],
        acknowledged: Int = 0, acknowledgedBytes: Int = 0, received: Int = 0
    ) {
        self.at = at
        self.controller = controller
        self.leaders = leaders
        self.inSync = inSync
        self.running = running
        self.acknowledged = acknowledged
        self.acknowledgedBytes = acknowledgedBytes
        self.received = received
    }
}
