import ApusCore
import History
import Synchronization

/// Everything that clients report while a scenario runs. Clients write on their loop, the run reads from its thread.
final class RunRecord: Sendable {
    struct Contents: Sendable {
        var history = ClientHistory()
        var totals = WorkloadTotals()
        /// The end of what was acknowledged, exclusive, by the places of partitions.
        var acknowledgedEnds: [Int: Int64] = [:]
        var acknowledgedBytes = 0
        var latencies: [Double] = []
        var pauses: PauseRecord
        var samples: [Sample] = []
        var view: ClusterView?
        /// Batches that were not stored, by partition and reason.
        var failures: [String: Int] = [:]
        var notes: [Note] = []
        var nextProcess: Int32 = 0
    }

    let partitions: [TopicPartition]
    /// The places of partitions.
    let places: [TopicPartition: Int]
    private let contents: Mutex<Contents>

    init(_ partitions: [TopicPartition]) {
        self.partitions = partitions
        self.places = Dictionary(uniqueKeysWithValues: zip(partitions, partitions.indices))
        self.contents = Mutex(Contents(pauses: PauseRecord(partitionCount: partitions.count)))
    }

    func change<Value: Sendable>(_ body: (inout sending Contents) -> sending Value) -> Value {
        self.contents.withLock { body(&$0) }
    }

    func newProcess() -> ProcessID {
        self.change { contents in
            defer { contents.nextProcess += 1 }
            return ProcessID(contents.nextProcess)
        }
    }
}

/// What the cluster said of itself last.
struct ClusterView: Sendable {
    var at: Instant
    var controller: Int?
    /// By the places of the run's partitions; -1 for none.
    var leaders: [Int]
    var inSync: [[Int]]
    var replicas: [[Int]]
    /// Brokers that are let in.
    var brokers: [Int]

    /// Every replica is in sync, of all partitions or of those that `node` has.
    func isInSync(_ node: Int? = nil) -> Bool {
        zip(self.inSync, self.replicas).allSatisfy { inSync, replicas in
            guard let node else { return !replicas.isEmpty && inSync.count == replicas.count }
            return !replicas.contains(node) || inSync.contains(node)
        }
    }
}
