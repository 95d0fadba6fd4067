import ApusCore
import FileSystem
import KafkaStoredMessages
import LogStorage
import Quorum
import Raft
import SimulatedStorage

/// Drivers with simulated disks on a network in virtual time.
final class QuorumWorld {
    private(set) var now = Instant(nanoseconds: 0)
    var random: SeededRandom
    private(set) var nodes: [QuorumNode] = []
    let configuration: QuorumConfiguration
    let fileSystems: [FileSystemPort]
    /// Pairs (from, to) between which nothing gets through.
    var cuts: Set<[NodeID]> = []
    private var events: [(at: Instant, sequence: Int, action: () throws -> Void)] = []
    private var sequence = 0
    private var nextName = 0
    /// Follows every name, to make records large.
    var suffix = ""

    struct Violation: Error, CustomStringConvertible {
        var description: String
    }

    init(
        voters: Int = 3, observers: Int = 0, seed: UInt64 = 1, fileSystems: [FileSystemPort]? = nil,
        _ configure: (inout QuorumConfiguration) -> Void = { _ in }
    ) {
        self.random = SeededRandom(seed: seed)
        let ids = (1...voters).map { NodeID(Int32($0)) }
        var configuration = QuorumConfiguration(
            raft: RaftConfiguration(local: ReplicaKey(id: 1), voters: VoterSet(staticVoters: ids)),
            clusterID: "cluster",
            endpoints: Dictionary(
                uniqueKeysWithValues: ids.map {
                    ($0, QuorumEndpoint(listenerName: "CONTROLLER", host: "node-\($0)", port: 9093))
                }))
        configure(&configuration)
        self.configuration = configuration
        self.fileSystems = fileSystems ?? (1...(voters + observers)).map { _ in SimulatedFileSystem() }
        self.nodes = (1...(voters + observers)).map {
            QuorumNode(id: NodeID(Int32($0)), fileSystem: self.fileSystems[$0 - 1], world: self)
        }
    }

    subscript(id: NodeID) -> QuorumNode { self.nodes[Int(id.rawValue) - 1] }

    var leader: QuorumNode? { self.nodes.last { $0.driver?.state.isLeader == true } }

    func schedule(after delay: Interval, _ action: @escaping () throws -> Void) {
        self.schedule(at: self.now + delay, action)
    }

    func schedule(at instant: Instant, _ action: @escaping () throws -> Void) {
        self.sequence += 1
        let entry = (max(instant, self.now), self.sequence, action)
        let index = self.events.firstIndex { (entry.0, entry.1) < ($0.at, $0.sequence) } ?? self.events.count
        self.events.insert(entry, at: index)
    }

    /// Runs for `duration`, or until `isDone`; returns whether that came true.
    @discardableResult
    func run(for duration: Interval, until isDone: () -> Bool = { false }) throws -> Bool {
        let deadline = self.now + duration
        while let first = self.events.first, first.at <= deadline {
            self.events.removeFirst()
            self.now = first.at
            try first.action()
            if isDone() { return true }
        }
        self.now = deadline
        return isDone()
    }

    func latency() -> Interval { .microseconds(Int64.random(in: 200...2000, using: &self.random)) }

    func isCut(_ from: NodeID, _ to: NodeID) -> Bool { self.cuts.contains([from, to]) }

    // MARK: What happens

    func startAll() throws {
        for node in self.nodes { try node.start() }
    }

    /// Appends records with new names at the leader, if there is one.
    func append(_ count: Int = 1, isAtomic: Bool = true) {
        let records = (0..<count).map { _ in
            self.nextName += 1
            return QuorumNode.record("topic-\(self.nextName)\(self.suffix)")
        }
        _ = self.leader?.driver?.append(records, isAtomic: isAtomic)
    }

    /// All running nodes have applied the same, which is everything in the leader's log.
    var hasConverged: Bool {
        guard let leader = self.leader, let end = leader.driver?.endOffset else { return false }
        return self.nodes.allSatisfy { $0.driver == nil || $0.appliedEnd == end && $0.names == leader.names }
    }

    /// One node's names are a front part of any other's.
    func checkPrefixes() throws {
        let longest = self.nodes.map(\.names).max { $0.count < $1.count } ?? []
        for node in self.nodes where node.names[...] != longest.prefix(node.names.count) {
            throw Violation(description: "node \(node.id) applied \(node.names), another \(longest)")
        }
    }
}
