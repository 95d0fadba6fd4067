import ApusCore
import Raft
import Testing

/// The transition list of `RaftRole`, row by row.
@Suite("The transitions between roles")
struct RoleTransitionTests {
    private static func vote(
        _ candidate: NodeID, epoch: LeaderEpoch, logEnd: OffsetAndEpoch = .zero, isPreVote: Bool = false
    ) -> RaftRequest {
        .vote(
            .init(
                epoch: epoch, candidate: Scene.key(candidate), voter: nil, logEnd: logEnd, isPreVote: isPreVote))
    }

    private static func voteRequest(
        to voter: NodeID, epoch: LeaderEpoch, logEnd: OffsetAndEpoch = .zero, isPreVote: Bool
    ) -> RaftRequest {
        .vote(
            .init(
                epoch: epoch, candidate: Scene.key(1), voter: ReplicaKey(id: voter), logEnd: logEnd,
                isPreVote: isPreVote))
    }

    private static func fetch(
        _ epoch: LeaderEpoch, _ position: OffsetAndEpoch, highWatermark: Offset = .unknown
    ) -> RaftRequest {
        .fetch(
            .init(
                epoch: epoch, replica: Scene.key(1), position: position, maxWait: .milliseconds(500),
                highWatermark: highWatermark))
    }

    // MARK: From unattached

    @Test("unattached to unattached: a higher epoch and a vote in it are persisted once, before the answer")
    func unattachedVotes() {
        var scene = Scene.unattached()
        #expect(
            scene.receive(Self.vote(2, epoch: 3)) == [
                .persist(ElectionState(epoch: 3, voted: Scene.key(2))),
                .respond(1, .vote(.init(leaderID: nil, epoch: 3), isGranted: true)),
            ])
        #expect(scene.node.role.name == .unattached)
        #expect(
            scene.receive(Self.vote(3, epoch: 3), id: 2) == [
                .respond(2, .vote(.init(leaderID: nil, epoch: 3), isGranted: false))
            ])
        #expect(
            scene.receive(Self.vote(2, epoch: 3), id: 3) == [
                .respond(3, .vote(.init(leaderID: nil, epoch: 3), isGranted: true))
            ])
    }

    @Test("unattached to prospective: the election delay is over")
    func unattachedStands() {
        var scene = Scene.unattached()
        #expect(
            scene.pass(.milliseconds(100)) == [
                .send(1, to: 2, Self.voteRequest(to: 2, epoch: 0, isPreVote: true)),
                .send(2, to: 3, Self.voteRequest(to: 3, epoch: 0, isPreVote: true)),
            ])
        #expect(scene.node.role.name == .prospective)
        #expect(scene.node.election == .initial)
    }

    @Test("unattached to follower: a leader says so, and is fetched from")
    func unattachedFollows() {
        var scene = Scene.unattached()
        #expect(
            scene.receive(.beginQuorumEpoch(.init(epoch: 1, leaderID: 3, voter: Scene.key(1)))) == [
                .persist(ElectionState(epoch: 1, leaderID: 3)),
                .becameFollower(of: 3, 1),
                .respond(1, .beginQuorumEpoch(.init(leaderID: 3, epoch: 1))),
                .send(1, to: 3, Self.fetch(1, .zero)),
            ])
    }

    // MARK: From prospective

    @Test("prospective to candidate: a majority would vote for it")
    func prospectiveWins() {
        var scene = Scene.prospective()
        #expect(
            scene.receive(.vote(.init(leaderID: nil, epoch: 0), isGranted: true), to: 2) == [
                .persist(ElectionState(epoch: 1, voted: Scene.key(1))),
                .send(3, to: 2, Self.voteRequest(to: 2, epoch: 1, isPreVote: false)),
                .send(4, to: 3, Self.voteRequest(to: 3, epoch: 1, isPreVote: false)),
            ])
        #expect(scene.node.role.name == .candidate)
    }

    @Test("prospective to candidate: voters that do not know pre-vote do not hinder it")
    func prospectiveAmongOldVoters() {
        var scene = Scene.prospective()
        _ = scene.receive(
            .vote(.init(error: .unsupportedVersion, leaderID: nil, epoch: 0), isGranted: false), to: 1)
        #expect(scene.node.role.name == .candidate)
    }

    @Test("prospective to unattached: a majority refuses, and the epoch stays")
    func prospectiveLoses() {
        var scene = Scene.prospective()
        #expect(scene.receive(.vote(.init(leaderID: nil, epoch: 0), isGranted: false), to: 1) == [])
        #expect(scene.node.role.name == .prospective)
        #expect(scene.receive(.vote(.init(leaderID: nil, epoch: 0), isGranted: false), to: 2) == [])
        #expect(scene.node.role.name == .unattached)
        #expect(scene.node.election == .initial)
    }

    @Test("prospective to unattached: it votes for someone else")
    func prospectiveVotes() {
        var scene = Scene.prospective()
        _ = scene.receive(Self.vote(2, epoch: 1))
        #expect(scene.node.role.name == .unattached)
        #expect(scene.node.election == ElectionState(epoch: 1, voted: Scene.key(2)))
    }

    @Test("prospective to follower: an answer names the leader")
    func prospectiveFollows() {
        var scene = Scene.prospective()
        #expect(
            scene.receive(.vote(.init(leaderID: 3, epoch: 2), isGranted: false), to: 1) == [
                .persist(ElectionState(epoch: 2, leaderID: 3)),
                .becameFollower(of: 3, 2),
                .send(3, to: 3, Self.fetch(2, .zero)),
            ])
    }

    @Test("prospective asks a voter that cannot be reached again, since it may be starting")
    func prospectiveRetries() {
        var scene = Scene.prospective()
        #expect(scene.fail(1, .unreachable) == [])
        #expect(scene.fail(2, .unreachable) == [])
        #expect(
            scene.pass(.milliseconds(20)) == [
                .send(3, to: 2, Self.voteRequest(to: 2, epoch: 0, isPreVote: true)),
                .send(4, to: 3, Self.voteRequest(to: 3, epoch: 0, isPreVote: true)),
            ])
    }

    // MARK: From candidate

    @Test("candidate to leader: a majority voted; the leadership is persisted before anyone is told")
    func candidateWins() {
        var scene = Scene.candidate()
        let voters = [ReplicaKey(id: 1), ReplicaKey(id: 2), ReplicaKey(id: 3)]
        #expect(
            scene.receive(.vote(.init(leaderID: nil, epoch: 1), isGranted: true), to: 4) == [
                .persist(ElectionState(epoch: 1, leaderID: 1, voted: Scene.key(1))),
                .appendLeaderChange(
                    LeaderChange(epoch: 1, leaderID: 1, voters: voters, grantingVoters: [voters[0], voters[2]])),
                .becameLeader(1),
                .send(5, to: 2, .beginQuorumEpoch(.init(epoch: 1, leaderID: 1, voter: voters[1]))),
                .send(6, to: 3, .beginQuorumEpoch(.init(epoch: 1, leaderID: 1, voter: voters[2]))),
            ])
    }

    @Test("candidate to prospective: a lost election is followed by a pre-vote soon, without a new epoch")
    func candidateLoses() {
        var scene = Scene.candidate()
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 1), isGranted: false), to: 3)
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 1), isGranted: false), to: 4)
        #expect(scene.node.role.name == .candidate)
        #expect(
            scene.pass(.milliseconds(100)) == [
                .send(5, to: 2, Self.voteRequest(to: 2, epoch: 1, isPreVote: true)),
                .send(6, to: 3, Self.voteRequest(to: 3, epoch: 1, isPreVote: true)),
            ])
        #expect(scene.node.epoch == 1)
    }

    @Test("candidate to unattached: a higher epoch")
    func candidateOutrun() {
        var scene = Scene.candidate()
        #expect(
            scene.receive(.vote(.init(leaderID: nil, epoch: 4), isGranted: false), to: 3) == [
                .persist(ElectionState(epoch: 4))
            ])
        #expect(scene.node.role.name == .unattached)
    }

    @Test("candidate to follower: somebody else was elected in the same epoch")
    func candidateFollows() {
        var scene = Scene.candidate()
        _ = scene.receive(.beginQuorumEpoch(.init(epoch: 1, leaderID: 2, voter: nil)))
        #expect(scene.node.leaderID == 2)
        #expect(scene.node.election == ElectionState(epoch: 1, leaderID: 2, voted: Scene.key(1)))
    }

    // MARK: From follower

    @Test("follower to prospective: a silent leader is left after the fetch timeout")
    func followerLeavesSilentLeader() {
        var scene = Scene.follower(isHeard: true)
        let end = OffsetAndEpoch(offset: 10, epoch: 4)
        #expect(scene.pass(.milliseconds(1999)) == [])
        #expect(
            scene.pass(.milliseconds(1)) == [
                .send(3, to: 2, Self.voteRequest(to: 2, epoch: 5, logEnd: end, isPreVote: true)),
                .send(4, to: 3, Self.voteRequest(to: 3, epoch: 5, logEnd: end, isPreVote: true)),
            ])
        #expect(
            scene.receive(.vote(.init(leaderID: nil, epoch: 5), isGranted: true), to: 4) == [
                .persist(ElectionState(epoch: 6, voted: Scene.key(1))),
                .leaderLost(6),
                .send(5, to: 2, Self.voteRequest(to: 2, epoch: 6, logEnd: end, isPreVote: false)),
                .send(6, to: 3, Self.voteRequest(to: 3, epoch: 6, logEnd: end, isPreVote: false)),
            ])
    }

    @Test(
        "follower to prospective: a leader whose connection broke, or that resigned, is left within 120 ms",
        arguments: [true, false])
    func followerLeavesBrokenLeader(isClosed: Bool) {
        var scene = Scene.follower(isHeard: true)
        if isClosed {
            #expect(scene.fail(2, .unreachable) == [])
        } else {
            #expect(scene.receive(.refusedFetch(.notLeaderOrFollower, nil, 5), to: 2) == [])
        }
        #expect(scene.pass(.milliseconds(19)) == [])
        #expect(scene.node.role.name == .follower)
        #expect(
            scene.pass(.milliseconds(1)) == [
                .send(3, to: 2, Self.fetch(5, .init(offset: 10, epoch: 4)))
            ])
        _ = scene.fail(3, .unreachable)
        _ = scene.pass(.milliseconds(100))
        #expect(scene.node.role.name == .prospective)
    }

    @Test("a leader that answers again before that is kept")
    func followerKeepsLeader() {
        var scene = Scene.follower(isHeard: true)
        _ = scene.fail(2, .unreachable)
        _ = scene.pass(.milliseconds(20))
        _ = scene.receive(.heard(2, 5), to: 3)
        #expect(scene.pass(.milliseconds(1900)) == [])
        #expect(scene.node.role.name == .follower)
    }

    @Test("prospective to follower: it returns to a leader that nobody else has lost, and tries again later")
    func followerReturns() {
        var scene = Scene.follower(isHeard: true)
        _ = scene.pass(.milliseconds(2000))
        _ = scene.receive(.vote(.init(leaderID: 2, epoch: 5), isGranted: false), to: 3)
        #expect(
            scene.receive(.vote(.init(leaderID: 2, epoch: 5), isGranted: false), to: 4) == [
                .send(5, to: 2, Self.fetch(5, .init(offset: 10, epoch: 4)))
            ])
    }

    @Test("follower to unattached: a higher epoch")
    func followerOutrun() {
        var scene = Scene.follower(isHeard: true)
        #expect(
            scene.receive(Self.vote(3, epoch: 6, logEnd: .init(offset: 9, epoch: 4))) == [
                .persist(ElectionState(epoch: 6)),
                .leaderLost(6),
                .respond(1, .vote(.init(leaderID: nil, epoch: 6), isGranted: false)),
            ])
    }

    @Test("follower to follower: a leader of a higher epoch")
    func followerFollowsNext() {
        var scene = Scene.follower(isHeard: true)
        #expect(
            scene.receive(.beginQuorumEpoch(.init(epoch: 6, leaderID: 3, voter: nil))) == [
                .persist(ElectionState(epoch: 6, leaderID: 3)),
                .becameFollower(of: 3, 6),
                .respond(1, .beginQuorumEpoch(.init(leaderID: 3, epoch: 6))),
                .send(3, to: 3, Self.fetch(6, .init(offset: 10, epoch: 4))),
            ])
    }

    // MARK: From leader

    @Test("leader to resigned: no majority fetched within one and a half fetch timeouts")
    func leaderLosesMajority() {
        var scene = Scene.leader()
        _ = scene.fail(5, .noAnswer)
        _ = scene.fail(6, .noAnswer)
        scene.now = scene.now + .milliseconds(2999)
        #expect(scene.node.timerFired(now: scene.now).timeless.contains(.resigned(1)) == false)
        let effects = scene.pass(.milliseconds(1))
        #expect(effects.first == .resigned(1))
        #expect(effects.contains(.leaderLost(1)))
        #expect(scene.node.role.name == .resigned)
    }

    @Test("leader to resigned: at shutdown it names its successors, the one with the longest log first")
    func leaderShutsDown() {
        var scene = Scene.leader()
        _ = scene.receive(.beginQuorumEpoch(.init(leaderID: 1, epoch: 1)), to: 5)
        _ = scene.receive(.beginQuorumEpoch(.init(leaderID: 1, epoch: 1)), to: 6)
        _ = scene.append(1, 1..<3)
        _ = scene.receive(Self.fetchBy(3, .init(offset: 1, epoch: 1), maxWait: .zero))
        let end = RaftRequest.endQuorumEpoch(
            .init(epoch: 1, leaderID: 1, preferredCandidates: [ReplicaKey(id: 3), ReplicaKey(id: 2)]))
        #expect(
            scene.node.shutdown(now: scene.now).timeless == [
                .resigned(1), .leaderLost(1), .send(7, to: 2, end), .send(8, to: 3, end),
            ])
        #expect(!scene.node.isReadyToStop)
        _ = scene.receive(.endQuorumEpoch(.init(leaderID: nil, epoch: 1)), to: 7)
        _ = scene.receive(.endQuorumEpoch(.init(leaderID: nil, epoch: 1)), to: 8)
        #expect(scene.node.isReadyToStop)
    }

    static func fetchBy(
        _ id: NodeID, _ position: OffsetAndEpoch, epoch: LeaderEpoch = 1, maxWait: Interval = .milliseconds(500),
        highWatermark: Offset = .unknown
    ) -> RaftRequest {
        .fetch(
            .init(
                epoch: epoch, replica: Scene.key(id), position: position, maxWait: maxWait,
                highWatermark: highWatermark))
    }

    @Test("leader to unattached: a higher epoch; whoever waits is told")
    func leaderOutrun() {
        var scene = Scene.leader()
        #expect(scene.receive(Self.fetchBy(4, .init(offset: 1, epoch: 1)), id: 9) == [])
        #expect(
            scene.receive(Self.vote(2, epoch: 2, logEnd: .zero), id: 10) == [
                .resigned(1),
                .persist(ElectionState(epoch: 2)),
                .leaderLost(2),
                .respond(9, .refusedFetch(.notLeaderOrFollower, nil, 2)),
                .respond(10, .vote(.init(leaderID: nil, epoch: 2), isGranted: false)),
            ])
    }

    @Test("leader to follower: a leader of a higher epoch")
    func leaderFollows() {
        var scene = Scene.leader()
        #expect(
            scene.receive(.beginQuorumEpoch(.init(epoch: 2, leaderID: 2, voter: nil))) == [
                .resigned(1),
                .persist(ElectionState(epoch: 2, leaderID: 2)),
                .becameFollower(of: 2, 2),
                .respond(1, .beginQuorumEpoch(.init(leaderID: 2, epoch: 2))),
                .send(7, to: 2, Self.fetch(2, .init(offset: 1, epoch: 1))),
            ])
    }

    // MARK: From resigned

    @Test("resigned to unattached: it leaves the epoch it voted for itself in")
    func resignedGoesOn() {
        var scene = Scene.leader()
        _ = scene.node.resign(epoch: 1, now: scene.now)
        #expect(scene.node.role.name == .resigned)
        #expect(scene.pass(.milliseconds(2000)).contains(.persist(ElectionState(epoch: 2))))
        #expect(scene.node.role.name == .unattached)
    }

    @Test("resigned to follower: its successor")
    func resignedFollows() {
        var scene = Scene.leader()
        _ = scene.node.resign(epoch: 1, now: scene.now)
        _ = scene.receive(.beginQuorumEpoch(.init(epoch: 2, leaderID: 3, voter: nil)))
        #expect(scene.node.leaderID == 3)
    }

    // MARK: Others

    @Test("a single voter elects itself at its start")
    func alone() {
        var scene = Scene(voters: [1])
        #expect(
            scene.start() == [
                .persist(ElectionState(epoch: 1, leaderID: 1, voted: Scene.key(1))),
                .appendLeaderChange(
                    LeaderChange(
                        epoch: 1, leaderID: 1, voters: [ReplicaKey(id: 1)], grantingVoters: [ReplicaKey(id: 1)])),
                .becameLeader(1),
            ])
        #expect(scene.append(1, 0..<1) == [])
        #expect(scene.flush() == [.highWatermarkAdvanced(to: 1), .leadershipEstablished(1)])
    }

    @Test("a replica that is no voter asks the voters in turn, follows, and looks again when the leader is gone")
    func observer() {
        var scene = Scene(id: 4)
        let probe = RaftRequest.fetch(
            .init(epoch: 0, replica: Scene.key(4), position: .zero, maxWait: .zero, highWatermark: .unknown))
        #expect(scene.start() == [.send(1, to: 2, probe)])
        #expect(scene.fail(1, .unreachable) == [])
        #expect(scene.pass(.milliseconds(20)) == [.send(2, to: 3, probe)])
        let fetch = Self.fetchBy(4, .zero, epoch: 3)
        #expect(
            scene.receive(.refusedFetch(.fencedLeaderEpoch, 2, 3), to: 2) == [
                .persist(ElectionState(epoch: 3, leaderID: 2)), .becameFollower(of: 2, 3), .send(3, to: 2, fetch),
            ])
        #expect(scene.fail(3, .unreachable) == [.leaderLost(3)])
        #expect(scene.node.role.name == .unattached)
        #expect(scene.pass(.milliseconds(20)).count == 1)
    }
}
