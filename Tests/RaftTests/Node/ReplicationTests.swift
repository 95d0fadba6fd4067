import ApusCore
import Raft
import Testing

@Suite("Replication and votes")
struct ReplicationTests {
    private static let end = OffsetAndEpoch(offset: 10, epoch: 4)

    private static func fetch(
        _ id: NodeID, _ offset: Offset, _ lastEpoch: LeaderEpoch, epoch: LeaderEpoch = 1,
        maxWait: Interval = .milliseconds(500), highWatermark: Offset = .unknown
    ) -> RaftRequest {
        .fetch(
            .init(
                epoch: epoch, replica: Scene.key(id), position: .init(offset: offset, epoch: lastEpoch),
                maxWait: maxWait, highWatermark: highWatermark))
    }

    // MARK: The leader

    @Test("records are committed when a majority fetched beyond them, the leader counting what it flushed")
    func commit() {
        var scene = Scene.leader()
        #expect(
            scene.receive(Self.fetch(2, 1, 1), id: 1) == [
                .highWatermarkAdvanced(to: 1), .leadershipEstablished(1),
                .respond(1, .fetched(1, 1, highWatermark: 1, .nothing)),
            ])
        #expect(scene.append(1, 1..<4) == [])
        #expect(
            scene.receive(Self.fetch(2, 1, 1, highWatermark: 1), id: 2) == [
                .respond(2, .fetched(1, 1, highWatermark: 1, .records(1..<4)))
            ])
        #expect(scene.receive(Self.fetch(2, 4, 1, highWatermark: 1), id: 3) == [])
        #expect(
            scene.flush() == [
                .highWatermarkAdvanced(to: 4), .respond(3, .fetched(1, 1, highWatermark: 4, .nothing)),
            ])
    }

    @Test("two followers commit what the leader itself has not flushed yet")
    func commitWithoutLeader() {
        var scene = Scene.leader()
        _ = scene.append(1, 1..<2)
        #expect(
            scene.receive(Self.fetch(2, 2, 1), id: 1) == [
                .highWatermarkAdvanced(to: 1), .leadershipEstablished(1),
                .respond(1, .fetched(1, 1, highWatermark: 1, .nothing)),
            ])
        #expect(
            scene.receive(Self.fetch(3, 2, 1), id: 2) == [
                .highWatermarkAdvanced(to: 2), .respond(2, .fetched(1, 1, highWatermark: 2, .nothing)),
            ])
    }

    @Test("records of earlier epochs are not committed by their number alone")
    func earlierEpochs() {
        var log = EpochHistory()
        log.append(epoch: 4, from: 0, to: 10)
        var scene = Scene(election: ElectionState(epoch: 4), log: log)
        _ = scene.start()
        _ = scene.pass(.milliseconds(100))
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 4), isGranted: true), to: 1)
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 5), isGranted: true), to: 3)
        _ = scene.append(5, 10..<11)
        _ = scene.flush()
        #expect(
            scene.receive(Self.fetch(2, 10, 4, epoch: 5), id: 1) == [
                .respond(1, .fetched(1, 5, .records(10..<11)))
            ])
        #expect(
            scene.receive(Self.fetch(2, 11, 5, epoch: 5), id: 2).first == .highWatermarkAdvanced(to: 11))
    }

    @Test("a replica that is no voter commits nothing")
    func observersDoNotCount() {
        var scene = Scene.leader()
        #expect(scene.receive(Self.fetch(4, 1, 1, maxWait: .zero), id: 1) == [.respond(1, .fetched(1, 1, .nothing))])
    }

    @Test("a waiting fetch is answered by an append, after its wait, or by the next fetch of the same replica")
    func parking() {
        var scene = Scene.leader()
        #expect(scene.receive(Self.fetch(4, 1, 1), id: 1) == [])
        #expect(scene.append(1, 1..<2) == [.respond(1, .fetched(1, 1, .records(1..<2)))])
        #expect(scene.receive(Self.fetch(4, 2, 1), id: 2) == [])
        #expect(scene.receive(Self.fetch(4, 2, 1), id: 3) == [.respond(2, .fetched(1, 1, .nothing))])
        #expect(scene.pass(.milliseconds(499)).isEmpty)
        #expect(scene.pass(.milliseconds(1)) == [.respond(3, .fetched(1, 1, .nothing))])
    }

    @Test("logs that differ are told where, by the end of the largest epoch that both may have")
    func divergence() {
        var scene = Scene(
            election: ElectionState(epoch: 7),
            log: EpochHistory(
                start: .zero, entries: [.init(epoch: 2, startOffset: 0), .init(epoch: 4, startOffset: 6)],
                endOffset: 10))
        _ = scene.start()
        _ = scene.pass(.milliseconds(100))
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 7), isGranted: true), to: 1)
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 8), isGranted: true), to: 3)
        _ = scene.append(8, 10..<11)
        let expected: [(Offset, LeaderEpoch, RaftResponse.Content)] = [
            (12, 7, .divergingEpoch(.init(offset: 10, epoch: 4))),
            (8, 3, .divergingEpoch(.init(offset: 6, epoch: 2))),
            (7, 2, .divergingEpoch(.init(offset: 6, epoch: 2))),
            (3, 1, .divergingEpoch(.zero)),
            (6, 2, .records(6..<11)),
            (0, 0, .records(0..<11)),
        ]
        for (offset, epoch, content) in expected {
            #expect(
                scene.receive(Self.fetch(2, offset, epoch, epoch: 8), id: 1) == [
                    .respond(1, .fetched(1, 8, content))
                ])
        }
    }

    @Test("a replica behind the start of the log is sent to the snapshot")
    func snapshotOffered() {
        let snapshot = OffsetAndEpoch(offset: 8, epoch: 3)
        var log = EpochHistory(start: snapshot)
        log.append(epoch: 4, from: 8, to: 10)
        var scene = Scene(voters: [1], election: ElectionState(epoch: 4), log: log, snapshotID: snapshot)
        _ = scene.start()
        _ = scene.append(5, 10..<11)
        let expected: [(Offset, LeaderEpoch, RaftResponse.Content)] = [
            (0, 0, .snapshot(snapshot)), (5, 2, .snapshot(snapshot)), (8, 2, .snapshot(snapshot)),
            (8, 3, .records(8..<11)), (9, 3, .divergingEpoch(snapshot)),
        ]
        for (offset, epoch, content) in expected {
            #expect(
                scene.receive(Self.fetch(2, offset, epoch, epoch: 5), id: 1) == [
                    .respond(
                        1,
                        .fetch(
                            .init(leaderID: 1, epoch: 5),
                            .init(highWatermark: 8, logStartOffset: 8, content: content)))
                ])
        }
    }

    @Test("fetches in other epochs, or to others than the leader, are refused with what is known")
    func fencing() {
        var scene = Scene.leader()
        #expect(
            scene.receive(Self.fetch(2, 1, 1, epoch: 0)) == [.respond(1, .refusedFetch(.fencedLeaderEpoch, 1, 1))])
        #expect(
            scene.receive(Self.fetch(2, 1, 1, epoch: 2)) == [.respond(1, .refusedFetch(.unknownLeaderEpoch, 1, 1))])
        #expect(
            scene.receive(Self.fetch(2, -1, 1, epoch: 1)) == [.respond(1, .refusedFetch(.invalidRequest, 1, 1))])
        var follower = Scene.follower()
        #expect(
            follower.receive(Self.fetch(3, 1, 1, epoch: 5)) == [
                .respond(1, .refusedFetch(.notLeaderOrFollower, 2, 5))
            ])
    }

    @Test("what the leader knows of the others: where they stand, when they fetched, when they were level")
    func progress() throws {
        var scene = Scene.leader()
        _ = scene.receive(Self.fetch(2, 1, 1, maxWait: .zero))
        let level = scene.now
        scene.now = scene.now + .milliseconds(10)
        _ = scene.append(1, 1..<5)
        _ = scene.receive(Self.fetch(2, 1, 1, maxWait: .zero))
        _ = scene.receive(Self.fetch(4, 0, 0, maxWait: .zero))
        guard case .leader(let leader) = scene.node.role else { throw Unexpected() }
        #expect(leader.voters.map(\.fetchOffset) == [1, -1])
        #expect(leader.voters.map(\.lastFetch) == [scene.now, nil])
        #expect(leader.voters.map(\.lastCaughtUp) == [level, nil])
        #expect(leader.observers.map(\.replica) == [Scene.key(4)])
        #expect(leader.observers.map(\.lastCaughtUp) == [nil])
    }

    private struct Unexpected: Error {}

    // MARK: The follower

    @Test("fetched records are appended, flushed and only then acknowledged by the next fetch")
    func acknowledgement() {
        var scene = Scene.follower()
        #expect(
            scene.receive(.fetched(2, 5, highWatermark: 11, .records(10..<12)), to: 1) == [.appendFetchedRecords])
        #expect(scene.append(5, 10..<12) == [.highWatermarkAdvanced(to: 11)])
        #expect(
            scene.flush() == [
                .send(
                    2, to: 2, Self.fetch(1, 12, 5, epoch: 5, highWatermark: 11))
            ])
    }

    @Test("records that cannot be appended are asked for again after a while")
    func refusedRecords() {
        var scene = Scene.follower()
        _ = scene.receive(.fetched(2, 5, .records(10..<12)), to: 1)
        #expect(scene.node.appendRefused(now: scene.now).timeless == [])
        #expect(scene.pass(.milliseconds(20)) == [.send(2, to: 2, Self.fetch(1, 10, 4, epoch: 5))])
    }

    @Test("an answer that nobody waits for any more changes nothing")
    func staleAnswer() {
        var scene = Scene.follower(isHeard: true)
        let before = scene.node
        #expect(scene.receive(.fetched(2, 5, .records(10..<12)), to: 1) == [])
        #expect(scene.node == before)
    }

    @Test(
        "the log is cut to where both logs may be the same",
        arguments: [
            (OffsetAndEpoch(offset: 7, epoch: 4), 7), (OffsetAndEpoch(offset: 3, epoch: 3), 2),
            (OffsetAndEpoch(offset: 5, epoch: 2), 2), (OffsetAndEpoch(offset: 1, epoch: 2), 1),
        ] as [(OffsetAndEpoch, Offset)])
    func truncation(leadersEnd: OffsetAndEpoch, offset: Offset) {
        let log = EpochHistory(
            start: .zero, entries: [.init(epoch: 2, startOffset: 0), .init(epoch: 4, startOffset: 2)], endOffset: 10)
        var scene = Scene(election: ElectionState(epoch: 5, leaderID: 2), log: log)
        _ = scene.start()
        _ = scene.receive(.beginQuorumEpoch(.init(epoch: 5, leaderID: 2, voter: nil)))
        #expect(
            scene.receive(.fetched(2, 5, .divergingEpoch(leadersEnd)), to: 1) == [
                .truncate(to: offset),
                .send(2, to: 2, Self.fetch(1, offset, offset <= 2 ? 2 : 4, epoch: 5)),
            ])
        #expect(scene.node.log.endOffset == offset)
    }

    @Test("committed records are kept whatever the leader says")
    func committedIsKept() {
        var scene = Scene.follower()
        _ = scene.receive(.heard(2, 5, highWatermark: 8), to: 1)
        #expect(
            scene.receive(.fetched(2, 5, .divergingEpoch(.init(offset: 7, epoch: 4))), to: 2) == [
                .report(.truncationOfCommitted(to: 7, highWatermark: 8))
            ])
        _ = scene.pass(.milliseconds(20))
        let snapshot = OffsetAndEpoch(offset: 7, epoch: 4)
        #expect(
            scene.receive(.fetched(2, 5, .snapshot(snapshot)), to: 3) == [
                .report(.snapshotBelowCommitted(snapshot, highWatermark: 8))
            ])
        #expect(scene.node.log.endOffset == 10)
    }

    @Test("a snapshot is fetched piece by piece, installed, and the log goes on after it")
    func snapshot() {
        let id = OffsetAndEpoch(offset: 50, epoch: 5)
        var scene = Scene.follower()
        func request(_ position: Int64) -> RaftRequest {
            .fetchSnapshot(.init(epoch: 5, replica: Scene.key(1), snapshotID: id, position: position))
        }
        func piece(_ position: Int64, _ count: Int64) -> RaftResponse {
            .fetchSnapshot(
                .init(leaderID: 2, epoch: 5), .init(snapshotID: id, size: 100, position: position, byteCount: count))
        }
        #expect(scene.receive(.fetched(2, 5, .snapshot(id)), to: 1) == [.send(2, to: 2, request(0))])
        #expect(
            scene.receive(piece(0, 60), to: 2) == [
                .appendSnapshotPiece(id, position: 0), .send(3, to: 2, request(60)),
            ])
        #expect(scene.fail(3, .noAnswer) == [])
        #expect(scene.pass(.milliseconds(20)) == [.send(4, to: 2, request(60))])
        #expect(
            scene.receive(piece(60, 40), to: 4) == [.appendSnapshotPiece(id, position: 60), .installSnapshot(id)])
        #expect(
            scene.node.snapshotInstalled(id, now: scene.now).timeless == [
                .highWatermarkAdvanced(to: 50),
                .send(5, to: 2, Self.fetch(1, 50, 5, epoch: 5, highWatermark: 50)),
            ])
        #expect(scene.node.log == EpochHistory(start: id))
    }

    @Test("a snapshot that is gone at the leader is given up, and the log asked for again")
    func snapshotGone() {
        let id = OffsetAndEpoch(offset: 50, epoch: 5)
        var scene = Scene.follower()
        _ = scene.receive(.fetched(2, 5, .snapshot(id)), to: 1)
        let gone = RaftResponse.fetchSnapshot(
            .init(error: .snapshotNotFound, leaderID: 2, epoch: 5), .init(snapshotID: id, position: 0))
        #expect(scene.receive(gone, to: 2) == [])
        #expect(scene.pass(.milliseconds(20)) == [.send(3, to: 2, Self.fetch(1, 10, 4, epoch: 5))])
    }

    // MARK: Votes

    @Test(
        "votes and pre-votes are given to logs that are at least as long",
        arguments: [
            (OffsetAndEpoch(offset: 10, epoch: 4), true), (OffsetAndEpoch(offset: 9, epoch: 4), false),
            (OffsetAndEpoch(offset: 3, epoch: 5), true), (OffsetAndEpoch(offset: 99, epoch: 3), false),
        ], [true, false])
    func upToDate(candidate: (logEnd: OffsetAndEpoch, isGranted: Bool), isPreVote: Bool) {
        var log = EpochHistory()
        log.append(epoch: 4, from: 0, to: 10)
        var scene = Scene(election: ElectionState(epoch: 6), log: log)
        _ = scene.start()
        let request = RaftRequest.vote(
            .init(
                epoch: 6, candidate: Scene.key(2), voter: nil, logEnd: candidate.logEnd, isPreVote: isPreVote))
        #expect(
            scene.receive(request).last
                == .respond(1, .vote(.init(leaderID: nil, epoch: 6), isGranted: candidate.isGranted)))
    }

    @Test("no vote is given in an epoch that has had a leader, not even after a restart")
    func epochWithLeader() {
        var scene = Scene(election: ElectionState(epoch: 6, leaderID: 3))
        _ = scene.start()
        let request = RaftRequest.vote(
            .init(epoch: 6, candidate: Scene.key(2), voter: nil, logEnd: Self.end, isPreVote: false))
        #expect(
            scene.receive(request) == [.respond(1, .vote(.init(leaderID: nil, epoch: 6), isGranted: false))])
    }

    @Test("a follower that hears its leader grants no pre-vote; one that lost the connection does")
    func preVoteOfFollower() {
        var scene = Scene.follower(isHeard: true)
        let request = RaftRequest.vote(
            .init(epoch: 5, candidate: Scene.key(3), voter: nil, logEnd: Self.end, isPreVote: true))
        #expect(scene.receive(request) == [.respond(1, .vote(.init(leaderID: 2, epoch: 5), isGranted: false))])
        _ = scene.fail(2, .unreachable)
        #expect(scene.receive(request) == [.respond(1, .vote(.init(leaderID: nil, epoch: 5), isGranted: true))])
        #expect(scene.node.election == ElectionState(epoch: 5, leaderID: 2))
    }

    @Test("requests for votes that make no sense are refused by their error")
    func refusals() {
        func answer(_ request: RaftRequest.Vote, by id: NodeID = 1) -> [RaftEffect] {
            var scene = Scene(id: id, election: ElectionState(epoch: 6))
            _ = scene.start()
            return scene.receive(.vote(request))
        }
        func refusal(_ error: ErrorCode, epoch: LeaderEpoch = 6) -> [RaftEffect] {
            [.respond(1, .vote(.init(error: error, leaderID: nil, epoch: epoch), isGranted: false))]
        }
        let sound = RaftRequest.Vote(
            epoch: 6, candidate: Scene.key(2), voter: Scene.key(1), logEnd: .zero, isPreVote: false)
        var request = sound
        request.epoch = 5
        #expect(answer(request) == refusal(.fencedLeaderEpoch))
        request = sound
        request.candidate = Scene.key(7)
        #expect(answer(request) == refusal(.inconsistentVoterSet))
        request = sound
        request.voter = Scene.key(3)
        #expect(answer(request) == refusal(.invalidVoterKey))
        request = sound
        request.logEnd = OffsetAndEpoch(offset: 3, epoch: 6)
        #expect(answer(request) == refusal(.invalidRequest))
        #expect(answer(sound, by: 4) == refusal(.inconsistentVoterSet))
    }
}
