import ApusCore
import FileSystem
import KafkaProtocol
import LogStorage
import Quorum
import Raft
import SimulatedStorage
import Testing

@Suite("The quorum on real logs")
struct QuorumDriverTests {
    private static func led(_ world: QuorumWorld) throws -> QuorumNode {
        try world.startAll()
        guard try world.run(for: .seconds(2), until: { world.hasConverged }) else { throw NoLeader() }
        guard let leader = world.leader else { throw NoLeader() }
        return leader
    }

    private struct NoLeader: Error {}

    @Test("three new nodes elect a leader; what it appends is told to all of them, observers included, in order")
    func commit() throws {
        let world = QuorumWorld(voters: 3, observers: 1)
        let leader = try Self.led(world)
        #expect(leader.established == [leader.driver?.leaderEpoch])
        for _ in 0..<10 { world.append(3) }
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        #expect(world.nodes.map(\.names) == Array(repeating: (1...30).map { "topic-\($0)" }, count: 4))
        #expect(world.nodes.map(\.leader) == Array(repeating: leader.id, count: 4))
    }

    @Test("records that need not be together are split, and keep their order")
    func split() throws {
        let world = QuorumWorld(voters: 1)
        let leader = try Self.led(world)
        world.append(2500, isAtomic: false)
        try world.run(for: .seconds(1))
        #expect(leader.names == (1...2500).map { "topic-\($0)" })
    }

    @Test("a follower refuses to append")
    func followerAppends() throws {
        let world = QuorumWorld()
        let leader = try Self.led(world)
        let follower = try #require(world.nodes.first { $0.id != leader.id })
        #expect(follower.driver?.append([QuorumNode.record("no")], isAtomic: true) == nil)
    }

    @Test("a killed leader is replaced, and catches up when it comes back")
    func failover() throws {
        let world = QuorumWorld()
        let first = try Self.led(world)
        world.append(5)
        try world.run(for: .milliseconds(100))
        first.kill()
        let start = world.now
        #expect(try world.run(for: .milliseconds(300)) { world.leader?.established.isEmpty == false })
        #expect(world.now - start < .milliseconds(300))
        world.append(5)
        try first.start()
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        #expect(world.nodes.map(\.names.count) == [10, 10, 10])
    }

    @Test("a whole cluster that loses power keeps what it told as committed")
    func powerLoss() throws {
        let world = QuorumWorld()
        _ = try Self.led(world)
        for _ in 0..<20 { world.append(2) }
        try world.run(for: .milliseconds(200))
        let names = world.nodes.map(\.names).max { $0.count < $1.count } ?? []
        #expect(names.count == 40)
        for node in world.nodes { node.losePower() }
        try world.startAll()
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        #expect(world.nodes[0].names == names)
    }

    @Test("a node that was away is brought back by a snapshot in pieces, and the log is cut below it")
    func snapshots() throws {
        let world = QuorumWorld { configuration in
            configuration.snapshotBytes = 200_000
            configuration.retentionBytes = 10_000
        }
        // So large that the last snapshot is sent in two pieces.
        world.suffix = String(repeating: "x", count: 2000)
        let leader = try Self.led(world)
        let away = try #require(world.nodes.first { $0.id != leader.id })
        away.kill()
        for _ in 0..<80 {
            world.append(10)
            try world.run(for: .milliseconds(5))
        }
        try world.run(for: .milliseconds(50))
        let snapshot = try #require(leader.log?.latestSnapshot)
        #expect(leader.log?.snapshots == [snapshot])
        #expect(leader.log?.log.logStartOffset == snapshot.offset)
        #expect(try leader.log?.size(of: snapshot) ?? 0 > Int64(QuorumTranslator.bytesMax))
        for _ in 0..<3 {
            try world.run(for: .milliseconds(50))
            leader.driver?.housekeep()
        }
        #expect(leader.removedFiles > 0)
        try away.start()
        #expect(try world.run(for: .seconds(5)) { world.hasConverged })
        #expect(away.loaded.count == 1)
        #expect(away.names.count == 800)

        away.losePower()
        try away.start()
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        #expect(away.names.count == 800)
    }

    @Test("a leader describes the quorum; anyone else names the leader")
    func description() throws {
        let world = QuorumWorld(voters: 3, observers: 1)
        let leader = try Self.led(world)
        var topic = DescribeQuorumRequest.TopicData()
        topic.topicName = QuorumTranslator.topicName
        topic.partitions = [DescribeQuorumRequest.PartitionData()]
        var request = DescribeQuorumRequest()
        request.topics = [topic]
        let end = try #require(leader.driver?.endOffset)
        let answer = try #require(leader.driver?.describe(request).topics.first?.partitions.first)
        #expect(answer.errorCode == .noError)
        #expect(answer.leaderId == leader.id)
        #expect(answer.highWatermark == end)
        #expect(answer.currentVoters.map(\.replicaId) == [1, 2, 3])
        #expect(answer.currentVoters.map(\.logEndOffset) == [end, end, end])
        #expect(answer.observers.map(\.replicaId) == [4])
        let follower = try #require(world.nodes.first { $0.id != leader.id })
        let other = try #require(follower.driver?.describe(request).topics.first?.partitions.first)
        #expect(other.errorCode == .notLeaderOrFollower)
        #expect(other.leaderId == leader.id)
        topic.topicName = "another"
        request.topics = [topic]
        #expect(
            leader.driver?.describe(request).topics.first?.partitions.first?.errorCode == .unknownTopicOrPartition)
    }

    @Test("the leader accepts a voter that supports the quorum's version, and refuses others by their error")
    func voterUpdates() throws {
        let world = QuorumWorld()
        let leader = try Self.led(world)
        let driver = try #require(leader.driver)
        var sound = UpdateRaftVoterRequest()
        sound.clusterId = "cluster"
        sound.currentLeaderEpoch = driver.leaderEpoch
        sound.voterId = 2
        sound.listeners = [UpdateRaftVoterRequest.Listener()]
        sound.kRaftVersionFeature.maxSupportedVersion = 1
        let accepted = driver.updateVoter(sound)
        #expect(accepted.errorCode == .noError)
        #expect(accepted.currentLeader.leaderId == leader.id)
        #expect(accepted.currentLeader.host == "node-\(leader.id)")
        func error(_ change: (inout UpdateRaftVoterRequest) -> Void) -> ErrorCode {
            var request = sound
            change(&request)
            return driver.updateVoter(request).errorCode
        }
        #expect(error { $0.clusterId = "another" } == .inconsistentClusterID)
        #expect(error { $0.currentLeaderEpoch = $0.currentLeaderEpoch - 1 } == .fencedLeaderEpoch)
        #expect(error { $0.currentLeaderEpoch += 1 } == .unknownLeaderEpoch)
        #expect(error { $0.voterId = 7 } == .voterNotFound)
        #expect(error { $0.kRaftVersionFeature.minSupportedVersion = 1 } == .invalidRequest)
        let follower = try #require(world.nodes.first { $0.id != leader.id })
        #expect(follower.driver?.updateVoter(sound).errorCode == .notLeaderOrFollower)
    }

    @Test("a disk that fails stops the node, which votes and appends no more")
    func failingDisk() throws {
        let world = QuorumWorld()
        let leader = try Self.led(world)
        (leader.fileSystem as? SimulatedFileSystem)?.fail(.write, errno: 5)
        world.append()
        #expect(leader.driver?.isStopped == true)
        #expect(leader.error != nil)
        #expect(leader.driver?.append([QuorumNode.record("no")], isAtomic: true) == nil)
    }

    @Test("a node whose stored records have turned ends, and applies none of them")
    func turnedBits() throws {
        let world = QuorumWorld(voters: 3, observers: 1)
        _ = try Self.led(world)
        let observer = try #require(world.nodes.last)
        world.append(5)
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        world.append(5)
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        observer.kill()
        let disk = try #require(observer.fileSystem as? SimulatedFileSystem)
        try observer.start()
        // After recovery, before anything is told as committed.
        let path = "/data/\(observer.id)/__cluster_metadata-0/00000000000000000000.log"
        let size = Int(try #require(try disk.attributes(path)).size)
        disk.corrupt(path, at: size - 3)
        try world.run(for: .seconds(1)) { observer.error != nil }
        #expect(observer.error != nil)
        #expect(observer.names.allSatisfy { world.nodes[0].names.contains($0) })
    }

    /// Turns a bit in the next read of the log that covers a byte.
    private final class Misreading: DiskObserver, @unchecked Sendable {
        // Unchecked: a test is one thread.
        var position: Int?

        func diskWorks(_ operation: FileSystemError.Operation, bytes: Int) -> Int64 { 0 }

        func diskReturns(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, of path: String) {
            guard let position = self.position, path.hasSuffix(".log"), bytes.indices.contains(position - offset)
            else { return }
            bytes[position - offset] ^= 0x10
            self.position = nil
        }
    }

    @Test("a node that misreads its stored records once reads them again, and applies all of them")
    func misreadBits() throws {
        let misreading = Misreading()
        let fileSystems = (0..<3).map { _ in SimulatedFileSystem() } + [SimulatedFileSystem(observer: misreading)]
        let world = QuorumWorld(voters: 3, observers: 1, fileSystems: fileSystems)
        _ = try Self.led(world)
        let observer = try #require(world.nodes.last)
        world.append(5)
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        observer.kill()
        try observer.start()
        // After recovery, before anything is told as committed.
        let path = "/data/\(observer.id)/__cluster_metadata-0/00000000000000000000.log"
        let size = Int(try #require(try fileSystems[3].attributes(path)).size)
        misreading.position = size - 3
        #expect(try world.run(for: .seconds(1)) { world.hasConverged })
        #expect(misreading.position == nil)
        #expect(observer.error == nil)
        #expect(observer.names == world.nodes[0].names)
    }

    @Test("under crashes, power losses and cuts all nodes apply the same, and go on afterwards")
    func faults() throws {
        for seed in 1...25 as ClosedRange<UInt64> {
            do {
                try Self.history(seed: seed)
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }

    private static func history(seed: UInt64) throws {
        let world = QuorumWorld(voters: 3, observers: 1, seed: seed) { configuration in
            configuration.snapshotBytes = 3000
            configuration.retentionBytes = 5000
            configuration.raft.fetchTimeout = .milliseconds(400)
            configuration.raft.electionTimeout = .milliseconds(200)
            configuration.raft.requestTimeout = .milliseconds(400)
        }
        try world.startAll()
        for _ in 0..<60 {
            let node = world.nodes[Int.random(in: 0..<4, using: &world.random)]
            switch Int.random(in: 0..<8, using: &world.random) {
            case 0: node.driver == nil ? try node.start() : node.kill()
            case 1: node.driver == nil ? try node.start() : node.losePower()
            case 2: world.cuts = [[node.id, 1], [1, node.id], [2, node.id]]
            case 3: world.cuts = []
            case 4: node.driver.map { $0.resign(epoch: $0.leaderEpoch) }
            default: break
            }
            for _ in 0..<5 {
                world.append(Int.random(in: 1...5, using: &world.random))
                try world.run(for: .milliseconds(Int64.random(in: 0...40, using: &world.random)))
                try world.checkPrefixes()
            }
        }
        world.cuts = []
        for node in world.nodes where node.driver == nil { try node.start() }
        guard try world.run(for: .seconds(5), until: { world.hasConverged }) else {
            throw QuorumWorld.Violation(description: "no progress after the faults")
        }
        try world.checkPrefixes()
    }
}
