import ApusCore
import Replication
import Testing

/// The broker's side of KIP-227.
@Suite struct FetchSessionCacheTests {
    private var cache = FetchSessionCache(capacity: 2, evictionAge: .seconds(120), seed: 1)
    private let topic = TopicID(KafkaUUID(high: 1, low: 2))
    private var now = Instant(nanoseconds: 0)

    private func asked(_ index: Int32, at offset: Offset = 0) -> FetchPartitionRequest {
        FetchPartitionRequest(
            key: FetchPartitionKey(topicID: self.topic, partition: PartitionIndex(index)), currentLeaderEpoch: 1,
            fetchOffset: offset, lastFetchedEpoch: .unknown, logStartOffset: -1, maxBytes: 100)
    }

    private func head(_ id: Int32, _ epoch: Int32, follower: Bool = false, ids: Bool = true) -> FetchSessionRequest {
        FetchSessionRequest(
            metadata: FetchSessionMetadata(sessionID: id, epoch: epoch), usesTopicIDs: ids, isFollower: follower)
    }

    private func answer(
        _ slot: Int32, highWatermark: Offset = 5, start: Offset = 0, size: Int = 0, error: ErrorCode = .noError,
        redirects: Bool = false
    ) -> FetchPartitionAnswer {
        FetchPartitionAnswer(
            slot: slot, highWatermark: highWatermark, logStartOffset: start, recordsSize: size, error: error,
            hasRedirection: redirects)
    }

    /// A session over partitions 0 ..< `count`, all with high watermark 5.
    private mutating func open(_ count: Int32, follower: Bool = false) -> Int32 {
        let partitions = (0..<count).map { self.asked($0) }
        let head = self.head(0, 0, follower: follower)
        #expect(self.cache.begin(head, partitions: partitions, forgotten: [], now: self.now) == .full)
        return self.cache.open(
            head, partitions: partitions, answers: (0..<count).map { self.answer($0) }, now: self.now)
    }

    private mutating func turn(
        _ id: Int32, _ epoch: Int32, adding: [FetchPartitionRequest] = [], forgetting: [Int32] = []
    ) -> FetchSessionTurn? {
        let context = self.cache.begin(
            self.head(id, epoch), partitions: adding,
            forgotten: forgetting.map { FetchPartitionKey(topicID: self.topic, partition: PartitionIndex($0)) },
            now: self.now)
        guard case .incremental(let turn) = context else { return nil }
        return turn
    }

    private mutating func started(
        _ id: Int32, _ epoch: Int32, adding: [FetchPartitionRequest] = [], forgetting: [Int32] = []
    ) throws -> FetchSessionTurn {
        let turn = self.turn(id, epoch, adding: adding, forgetting: forgetting)
        return try #require(turn)
    }

    private func order(_ turn: FetchSessionTurn) -> [Int32] {
        var partitions: [FetchSessionPartition] = []
        self.cache.list(turn, into: &partitions)
        return partitions.map(\.request.key.partition.rawValue)
    }

    /// Which of the answers a response carries.
    private mutating func told(_ turn: FetchSessionTurn, _ answers: [FetchPartitionAnswer]) -> [Int32] {
        var answers = answers
        #expect(self.cache.finish(turn, answers: &answers) == .noError)
        return answers.filter(\.isIncluded).map(\.slot)
    }

    @Test mutating func onlyChangesAreTold() throws {
        let id = self.open(3)
        let first = try self.started(id, 1)
        #expect(first.sessionID == id)
        #expect(self.told(first, [self.answer(0), self.answer(1), self.answer(2)]) == [])
        let second = try self.started(id, 2)
        #expect(
            self.told(second, [self.answer(0, highWatermark: 6), self.answer(1, start: 1), self.answer(2, size: 9)])
                == [0, 1, 2])
        let third = try self.started(id, 3)
        #expect(
            self.told(
                third, [self.answer(0, highWatermark: 6), self.answer(1, start: 1), self.answer(2, redirects: true)])
                == [2])
    }

    @Test mutating func whatAClientWasToldOfAHighWatermarkIsListed() throws {
        func listed(_ turn: FetchSessionTurn) -> [Offset] {
            var partitions: [FetchSessionPartition] = []
            self.cache.list(turn, into: &partitions)
            return partitions.map(\.toldHighWatermark)
        }
        let id = self.open(2)
        let first = try self.started(id, 1, adding: [self.asked(9)])
        #expect(listed(first) == [5, 5, -1])
        _ = self.told(first, [self.answer(0, highWatermark: 6), self.answer(1, error: .notLeaderOrFollower)])
        #expect(listed(try self.started(id, 2)) == [6, -1, -1])
    }

    @Test mutating func anErrorIsToldEachTimeAndItsEndToo() throws {
        let id = self.open(1)
        let first = try self.started(id, 1)
        #expect(self.told(first, [self.answer(0, error: .notLeaderOrFollower)]) == [0])
        let second = try self.started(id, 2)
        #expect(self.told(second, [self.answer(0, error: .notLeaderOrFollower)]) == [0])
        let third = try self.started(id, 3)
        #expect(self.told(third, [self.answer(0)]) == [0])
        let fourth = try self.started(id, 4)
        #expect(self.told(fourth, [self.answer(0)]) == [])
    }

    @Test mutating func partitionsWithRecordsGoLast() throws {
        let id = self.open(3)
        let first = try self.started(id, 1)
        #expect(self.order(first) == [0, 1, 2])
        _ = self.told(first, [self.answer(0, size: 10), self.answer(1), self.answer(2)])
        let second = try self.started(id, 2, adding: [self.asked(7), self.asked(1, at: 4)], forgetting: [2])
        #expect(self.order(second) == [1, 0, 7])
        var partitions: [FetchSessionPartition] = []
        self.cache.list(second, into: &partitions)
        #expect(partitions.first?.request == self.asked(1, at: 4))
    }

    @Test mutating func aNewPartitionIsToldOnce() throws {
        let id = self.open(1)
        let first = try self.started(id, 1, adding: [self.asked(9)])
        #expect(self.told(first, [self.answer(0), self.answer(1)]) == [1])
        let second = try self.started(id, 2)
        #expect(self.told(second, [self.answer(0), self.answer(1)]) == [])
    }

    @Test mutating func aWrongIDEpochOrVersionIsRefused() {
        let id = self.open(1)
        func begin(_ head: FetchSessionRequest) -> FetchContext {
            self.cache.begin(head, partitions: [], forgotten: [], now: self.now)
        }
        #expect(begin(self.head(id == 1 ? 2 : 1, 1)) == .refused(.fetchSessionIDNotFound))
        #expect(begin(self.head(id, 2)) == .refused(.invalidFetchSessionEpoch))
        #expect(begin(self.head(id, 1, ids: false)) == .refused(.fetchSessionTopicIDError))
        #expect(begin(self.head(0, -1)) == .sessionless)
        #expect(begin(self.head(id, -1)) == .sessionless)
        #expect(begin(self.head(id, 1)) == .refused(.fetchSessionIDNotFound))
    }

    @Test mutating func aSecondRequestOverAnUnfinishedOneInvalidatesIt() throws {
        let id = self.open(1)
        let first = try self.started(id, 1)
        let second = try self.started(id, 2)
        var answers = [self.answer(0)]
        #expect(self.cache.finish(first, answers: &answers) == .invalidFetchSessionEpoch)
        #expect(self.told(second, [self.answer(0)]) == [])
    }

    @Test mutating func aSessionThatForgetsEverythingEnds() {
        let id = self.open(1)
        #expect(self.turn(id, 1, forgetting: [0]) == nil)
        #expect(self.cache.count == 0)
    }

    @Test mutating func theEpochWrapsToOne() {
        let id = self.open(1)
        for epoch in Int32(1)...3 { #expect(self.turn(id, epoch) != nil) }
        var client = FetchSessionClient()
        #expect(client.responded(error: .noError, sessionID: id) == true)
        #expect(client.next == FetchSessionMetadata(sessionID: id, epoch: 1))
    }

    @Test mutating func aFullCacheGivesWayToFollowersThenToWhatIsUnused() {
        let first = self.open(2)
        let second = self.open(1)
        #expect(first != 0 && second != 0)
        // Sessions of consumers are protected from one another while they are young.
        #expect(self.open(9) == 0)
        let follower = self.open(1, follower: true)
        #expect(follower != 0)
        #expect(self.cache.count == 2)
        // The smaller consumer's session went.
        #expect(self.turn(second, 1) == nil)
        #expect(self.turn(first, 1) != nil)
        // A follower's session is protected from followers.
        _ = self.open(1, follower: true)
        #expect(self.turn(first, 2) == nil)
        #expect(self.open(50, follower: true) == 0)
        self.now = self.now + .seconds(121)
        #expect(self.open(1) != 0)
        #expect(self.cache.count == 2)
    }

    @Test mutating func anOldSessionGivesWayToALargerOne() {
        let first = self.open(2)
        let second = self.open(3)
        self.now = self.now + .seconds(100)
        _ = self.turn(first, 1)
        _ = self.turn(second, 1)
        self.now = self.now + .seconds(30)
        _ = self.turn(first, 2)
        _ = self.turn(second, 2)
        #expect(self.open(1) == 0)
        #expect(self.open(2) != 0 || first > 0)
        #expect(self.open(4) != 0)
        #expect(self.turn(first, 3) == nil)
    }

    @Test func theClientFollowsItsTable() {
        var client = FetchSessionClient()
        #expect(client.next == .initial)
        #expect(client.responded(error: .noError, sessionID: 0) == true)
        #expect(client.next == .initial)
        #expect(client.responded(error: .noError, sessionID: 7) == true)
        #expect(client.next == FetchSessionMetadata(sessionID: 7, epoch: 1))
        #expect(client.responded(error: .noError, sessionID: 7) == true)
        #expect(client.next == FetchSessionMetadata(sessionID: 7, epoch: 2))
        #expect(client.responded(error: .invalidFetchSessionEpoch, sessionID: 0) == false)
        #expect(client.next == FetchSessionMetadata(sessionID: 7, epoch: 0))
        #expect(client.responded(error: .noError, sessionID: 8) == true)
        #expect(client.responded(error: .noError, sessionID: 9) == false)
        #expect(client.next == FetchSessionMetadata(sessionID: 8, epoch: 0))
        #expect(client.responded(error: .noError, sessionID: 8) == true)
        #expect(client.responded(error: .noError, sessionID: 0) == true)
        #expect(client.next == .initial)
        #expect(client.responded(error: .fetchSessionIDNotFound, sessionID: 0) == false)
        #expect(client.next == .initial)
        #expect(client.next.isFull)
    }
}
