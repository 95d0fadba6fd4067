import ApusCore
import Raft

/// One replica in a test, brought into a role by the inputs that lead there.
struct Scene {
    static let directories: [KafkaUUID] = (0..<9).map { KafkaUUID(high: 7, low: UInt64($0)) }

    var node: RaftNode
    var now = Instant(nanoseconds: 0)

    init(
        id: NodeID = 1, voters: [NodeID] = [1, 2, 3], election: ElectionState = .initial,
        log: EpochHistory = EpochHistory(), snapshotID: OffsetAndEpoch? = nil
    ) {
        self.node = RaftNode(
            configuration: RaftConfiguration(local: Self.key(id), voters: VoterSet(staticVoters: voters)),
            election: election, log: log, snapshotID: snapshotID, seed: 1)
    }

    static func key(_ id: NodeID) -> ReplicaKey {
        ReplicaKey(id: id, directoryID: Self.directories[Int(id.rawValue)])
    }

    // MARK: Inputs, each of which returns the effects but for the timer

    mutating func start() -> [RaftEffect] {
        self.node.start(now: self.now).timeless
    }

    mutating func receive(_ request: RaftRequest, id: InboundRequestID = 1) -> [RaftEffect] {
        self.node.receive(request, id: id, now: self.now).timeless
    }

    mutating func receive(_ response: RaftResponse, to id: OutboundRequestID) -> [RaftEffect] {
        self.node.receive(response, to: id, now: self.now).timeless
    }

    mutating func fail(_ id: OutboundRequestID, _ failure: RequestFailure) -> [RaftEffect] {
        self.node.requestFailed(id, failure, now: self.now).timeless
    }

    mutating func pass(_ interval: Interval) -> [RaftEffect] {
        self.now = self.now + interval
        return self.node.timerFired(now: self.now).timeless
    }

    mutating func append(_ epoch: LeaderEpoch, _ range: Range<Offset>) -> [RaftEffect] {
        self.node.appended(
            [.init(epoch: epoch, baseOffset: range.lowerBound, endOffset: range.upperBound)], now: self.now
        ).timeless
    }

    mutating func flush() -> [RaftEffect] {
        self.node.flushed(self.node.flushTicket, now: self.now).timeless
    }

    // MARK: Roles

    /// Unattached in epoch 0, with an empty log.
    static func unattached(voters: [NodeID] = [1, 2, 3]) -> Scene {
        var scene = Scene(voters: voters)
        _ = scene.start()
        return scene
    }

    /// Asked 2 and 3 for pre-votes, with requests 1 and 2.
    static func prospective() -> Scene {
        var scene = Self.unattached()
        _ = scene.pass(.milliseconds(100))
        return scene
    }

    /// In epoch 1; asked 2 and 3 for votes, with requests 3 and 4.
    static func candidate() -> Scene {
        var scene = Self.prospective()
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 0), isGranted: true), to: 1)
        return scene
    }

    /// In epoch 1, the leader change record at offset 0 appended and flushed; told 2 and 3, with requests 5 and 6.
    static func leader() -> Scene {
        var scene = Self.candidate()
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 1), isGranted: true), to: 3)
        _ = scene.append(1, 0..<1)
        _ = scene.flush()
        return scene
    }

    /// Of 2, in epoch 5, with 10 records of epoch 4; fetches with request 1.
    static func follower(id: NodeID = 1, isHeard: Bool = false) -> Scene {
        var log = EpochHistory()
        log.append(epoch: 4, from: 0, to: 10)
        var scene = Scene(id: id, election: ElectionState(epoch: 4), log: log)
        _ = scene.start()
        _ = scene.receive(.beginQuorumEpoch(.init(epoch: 5, leaderID: 2, voter: nil)))
        if isHeard { _ = scene.receive(.heard(2, 5), to: 1) }
        return scene
    }
}

extension [RaftEffect] {
    /// Without the timers, whose instants are random.
    var timeless: [RaftEffect] {
        self.filter { effect in
            if case .setTimer = effect { false } else { true }
        }
    }
}

extension RaftResponse {
    /// An answer to a fetch that has nothing to tell but that the leader is there.
    static func heard(_ leaderID: NodeID, _ epoch: LeaderEpoch, highWatermark: Offset = .unknown) -> RaftResponse {
        .fetch(
            .init(leaderID: leaderID, epoch: epoch),
            .init(highWatermark: highWatermark, logStartOffset: 0, content: .nothing))
    }

    static func fetched(
        _ leaderID: NodeID, _ epoch: LeaderEpoch, highWatermark: Offset = .unknown, _ content: Content
    ) -> RaftResponse {
        .fetch(
            .init(leaderID: leaderID, epoch: epoch),
            .init(highWatermark: highWatermark, logStartOffset: 0, content: content))
    }

    static func refusedFetch(_ error: ErrorCode, _ leaderID: NodeID?, _ epoch: LeaderEpoch) -> RaftResponse {
        .fetch(.init(error: error, leaderID: leaderID, epoch: epoch), .nothing)
    }
}
