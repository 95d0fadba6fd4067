import ApusCore
import KafkaPrimitives
import KafkaProtocol
import Quorum
import Raft
import Testing

@Suite("The quorum's messages on the wire")
struct QuorumTranslatorTests {
    private static let translator = QuorumTranslator(
        clusterID: "cluster", localID: 1,
        endpoints: [
            1: QuorumEndpoint(listenerName: "CONTROLLER", host: "one", port: 9093),
            2: QuorumEndpoint(listenerName: "CONTROLLER", host: "two", port: 9094),
        ])
    private static let local = ReplicaKey(id: 1, directoryID: KafkaUUID(high: 3, low: 4))
    private static let other = ReplicaKey(id: 2, directoryID: KafkaUUID(high: 5, low: 6))
    private static let position = OffsetAndEpoch(offset: 77, epoch: 8)

    static let requests: [(RaftRequest, QuorumTranslator.Inquiry)] = [
        (
            .vote(.init(epoch: 9, candidate: local, voter: other, logEnd: position, isPreVote: true)), .vote
        ),
        (.vote(.init(epoch: 9, candidate: local, voter: other, logEnd: position, isPreVote: false)), .vote),
        (.beginQuorumEpoch(.init(epoch: 9, leaderID: 1, voter: other)), .beginQuorumEpoch),
        (
            .endQuorumEpoch(.init(epoch: 9, leaderID: 1, preferredCandidates: [other, ReplicaKey(id: 3)])),
            .endQuorumEpoch
        ),
        (
            .fetch(
                .init(
                    epoch: 9, replica: local, position: position, maxWait: .milliseconds(500), highWatermark: 70)),
            .fetch(bytesMax: QuorumTranslator.bytesMax)
        ),
        (
            .fetchSnapshot(.init(epoch: 9, replica: local, snapshotID: position, position: 4096)),
            .fetchSnapshot(bytesMax: QuorumTranslator.bytesMax)
        ),
    ]

    @Test("a request survives the newest version of the wire unchanged", arguments: requests)
    func request(request: RaftRequest, inquiry: QuorumTranslator.Inquiry) throws {
        let wire = Self.translator.wire(request)
        #expect(try Self.translator.raft(wire.reencoded()) == .request(request, inquiry))
    }

    @Test("versions that know no directories leave them out, and a voter that is not named is nobody")
    func olderRequests() throws {
        func older(_ request: RaftRequest, _ version: Int16) throws -> RaftRequest? {
            let incoming = try Self.translator.raft(Self.translator.wire(request).reencoded(version: version))
            guard case .request(let request, _) = incoming else { return nil }
            return request
        }
        #expect(
            try older(Self.requests[1].0, 0)
                == .vote(
                    .init(
                        epoch: 9, candidate: ReplicaKey(id: 1), voter: nil, logEnd: Self.position, isPreVote: false)))
        #expect(try older(Self.requests[2].0, 0) == .beginQuorumEpoch(.init(epoch: 9, leaderID: 1, voter: nil)))
        #expect(
            try older(Self.requests[3].0, 0)
                == .endQuorumEpoch(
                    .init(
                        epoch: 9, leaderID: 1, preferredCandidates: [ReplicaKey(id: 2), ReplicaKey(id: 3)])))
        for version in 12...16 as ClosedRange<Int16> {
            #expect(
                try older(Self.requests[4].0, version)
                    == .fetch(
                        .init(
                            epoch: 9, replica: ReplicaKey(id: 1), position: Self.position,
                            maxWait: .milliseconds(500), highWatermark: Offset(.max))))
        }
    }

    @Test("a pre-vote needs version 2, a fetch version 12")
    func versionsNeeded() {
        #expect(Self.requests.map { Self.translator.wire($0.0).versionMin } == [2, 0, 0, 0, 12, 0])
    }

    @Test("requests for another cluster, another topic or another partition are refused")
    func refusals() {
        guard case .vote(let sound) = Self.translator.wire(Self.requests[0].0),
            case .fetch(let fetch) = Self.translator.wire(Self.requests[4].0)
        else { return #expect(Bool(false)) }
        var response = VoteResponse()
        var request = sound
        request.clusterId = "another"
        response.errorCode = .inconsistentClusterID
        #expect(Self.translator.raft(.vote(request)) == .refused(.vote(response)))
        response.errorCode = .invalidRequest
        request = sound
        request.topics[0].topicName = "topic"
        #expect(Self.translator.raft(.vote(request)) == .refused(.vote(response)))
        request = sound
        request.topics[0].partitions[0].partitionIndex = 1
        #expect(Self.translator.raft(.vote(request)) == .refused(.vote(response)))
        request = sound
        request.topics = []
        #expect(Self.translator.raft(.vote(request)) == .refused(.vote(response)))
        var other = fetch
        other.topics[0].topic = ""
        other.topics[0].topicId = .zero
        var refused = FetchResponse()
        refused.errorCode = .invalidRequest
        #expect(Self.translator.raft(.fetch(other)) == .refused(.fetch(refused)))
    }

    private static let header = RaftResponse.Header(error: .fencedLeaderEpoch, leaderID: 2, epoch: 9)

    private static func fetched(_ content: RaftResponse.Content) -> RaftResponse {
        .fetch(
            .init(leaderID: 2, epoch: 9), .init(highWatermark: 70, logStartOffset: 5, content: content))
    }

    static let responses: [RaftResponse] = [
        .vote(header, isGranted: true),
        .vote(.init(leaderID: nil, epoch: 3), isGranted: false),
        .beginQuorumEpoch(header),
        .endQuorumEpoch(header),
        fetched(.nothing),
        fetched(.divergingEpoch(position)),
        fetched(.snapshot(position)),
        .fetchSnapshot(header, .init(snapshotID: position, size: 100, position: 10)),
    ]

    @Test("a response survives the newest version of the wire unchanged", arguments: responses)
    func response(response: RaftResponse) throws {
        #expect(try Self.translator.raft(Self.translator.wire(response).reencoded())?.response == response)
    }

    @Test("an answer that refuses the whole request says nothing of the quorum")
    func wholeRefusal() {
        var response = VoteResponse()
        response.errorCode = .clusterAuthorizationFailed
        #expect(Self.translator.raft(.vote(response)) == nil)
    }
}
