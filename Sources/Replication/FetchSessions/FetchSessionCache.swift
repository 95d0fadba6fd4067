package import ApusCore

/// The head of a fetch request, as far as sessions go.
package struct FetchSessionRequest: Equatable, Sendable {
    package var metadata: FetchSessionMetadata
    /// The request's version is 13 or later.
    package var usesTopicIDs: Bool
    /// It comes from a follower.
    package var isFollower: Bool

    package init(metadata: FetchSessionMetadata, usesTopicIDs: Bool, isFollower: Bool) {
        self.metadata = metadata
        self.usesTopicIDs = usesTopicIDs
        self.isFollower = isFollower
    }
}

/// How a fetch request is to be served.
package enum FetchContext: Equatable, Sendable {
    /// Answer with this code for the whole response, and no partitions.
    case refused(ErrorCode)
    /// Serve the request's partitions, and answer with session id 0.
    case sessionless
    /// Serve the request's partitions, then call `open`, and answer with the id it returns.
    case full
    /// Serve the session's partitions (`list`), then call `finish`, and answer with this session id.
    case incremental(FetchSessionTurn)
}

/// One request of a session that is being served.
package struct FetchSessionTurn: Equatable, Sendable {
    package let sessionID: Int32
    fileprivate let slot: Int
    /// The session's epoch while this request is the last.
    fileprivate let nextEpoch: Int32
}

/// The fetch sessions of a broker: a bounded cache in which followers come before consumers, large before small, and
/// what was not used for two minutes goes first.
///
/// It is the broker's side of KIP-227. A request costs a look-up of its session and of the partitions it lists, which
/// for a steady client are those that moved.
package struct FetchSessionCache: Sendable {
    /// `max.incremental.fetch.session.cache.slots`.
    package let capacity: Int
    /// How long a session is protected from being pushed out by a larger one, and how long it may stay unused.
    package let evictionAge: Interval
    private var sessions: [FetchSession?] = []
    private var index: [Int32: Int] = [:]
    private var free: [Int] = []
    private var random: SeededRandom

    /// An empty cache.
    ///
    /// - Parameter seed: makes session ids differ between runs, so that a client's old id is not taken for a new one.
    package init(capacity: Int = 1000, evictionAge: Interval = .seconds(120), seed: UInt64) {
        precondition(capacity >= 0, "a cache of negative size")
        self.capacity = capacity
        self.evictionAge = evictionAge
        self.random = SeededRandom(seed: seed)
    }

    /// The number of sessions.
    package var count: Int { self.index.count }

    /// Decides how a request is served, and takes its changes into its session.
    ///
    /// Refusals: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR (the client
    /// changed between names and ids). An incremental request that empties its session ends it.
    package mutating func begin(
        _ request: FetchSessionRequest, partitions: [FetchPartitionRequest], forgotten: [FetchPartitionKey],
        now: Instant
    ) -> FetchContext {
        let metadata = request.metadata
        if metadata.isFull {
            // A full request ends the session it names.
            self.remove(metadata.sessionID)
            return metadata.epoch == -1 ? .sessionless : .full
        }
        guard let slot = self.index[metadata.sessionID] else { return .refused(.fetchSessionIDNotFound) }
        if self.sessions[slot]?.epoch != metadata.epoch { return .refused(.invalidFetchSessionEpoch) }
        if self.sessions[slot]?.usesTopicIDs != request.usesTopicIDs { return .refused(.fetchSessionTopicIDError) }
        return self.advance(slot, adding: partitions, forgetting: forgotten, now: now)
    }

    /// Appends the partitions of an incremental request's session to `partitions`, in the order to serve them.
    package func list(_ turn: FetchSessionTurn, into partitions: inout [FetchSessionPartition]) {
        guard let session = self.sessions[turn.slot], session.id == turn.sessionID else { return }
        session.list(into: &partitions)
    }

    /// Opens a session for a full request that was served, if there is room or something less valuable to push out.
    ///
    /// - Parameter answers: one for each of `partitions`, by `slot`.
    /// - Returns: the session id for the response; 0 where none was opened.
    package mutating func open(
        _ request: FetchSessionRequest, partitions: [FetchPartitionRequest], answers: [FetchPartitionAnswer],
        now: Instant
    ) -> Int32 {
        guard !partitions.isEmpty, self.makeRoom(isFollower: request.isFollower, count: partitions.count, now: now)
        else { return 0 }
        var session = FetchSession(
            id: self.unusedID(), usesTopicIDs: request.usesTopicIDs, isPrivileged: request.isFollower, now: now)
        for answer in answers {
            session.open(partitions[Int(answer.slot)], told: answer)
        }
        let slot = self.free.popLast() ?? self.sessions.count
        if slot == self.sessions.count { self.sessions.append(nil) }
        self.index[session.id] = slot
        self.sessions[slot] = session
        return session.id
    }

    /// Marks which answers an incremental response carries.
    ///
    /// - Returns: `noError`, or INVALID_FETCH_SESSION_EPOCH for the whole response where another request of the session
    ///   came in between. A session that was pushed out meanwhile has everything told.
    package mutating func finish(_ turn: FetchSessionTurn, answers: inout [FetchPartitionAnswer]) -> ErrorCode {
        guard self.sessions[turn.slot]?.id == turn.sessionID else { return .noError }
        guard self.sessions[turn.slot]?.epoch == turn.nextEpoch else { return .invalidFetchSessionEpoch }
        for position in answers.indices {
            answers[position].isIncluded = self.sessions[turn.slot]?.mustTell(answers[position]) ?? true
        }
        return .noError
    }

    private mutating func advance(
        _ slot: Int, adding requests: [FetchPartitionRequest], forgetting forgotten: [FetchPartitionKey], now: Instant
    ) -> FetchContext {
        self.sessions[slot]?.update(adding: requests, forgetting: forgotten)
        guard let session = self.sessions[slot] else { return .refused(.fetchSessionIDNotFound) }
        if session.count == 0 {
            self.remove(session.id)
            return .sessionless
        }
        let nextEpoch = FetchSessionMetadata.epoch(after: session.epoch)
        self.sessions[slot]?.lastUsed = now
        self.sessions[slot]?.epoch = nextEpoch
        return .incremental(FetchSessionTurn(sessionID: session.id, slot: slot, nextEpoch: nextEpoch))
    }

    private mutating func remove(_ id: Int32) {
        guard let slot = self.index.removeValue(forKey: id) else { return }
        self.sessions[slot] = nil
        self.free.append(slot)
    }

    private mutating func unusedID() -> Int32 {
        while true {
            let id = Int32.random(in: 1...Int32.max, using: &self.random)
            if self.index[id] == nil { return id }
        }
    }

    /// Pushes a session out if the cache is full and one is stale or worth less than the new one.
    ///
    /// A full cache costs a scan for each new session; steady clients open none.
    private mutating func makeRoom(isFollower: Bool, count: Int, now: Instant) -> Bool {
        if self.count < self.capacity { return true }
        var stalest: FetchSession?
        var cheapest: FetchSession?
        for session in self.sessions {
            guard let session else { continue }
            if stalest.map({ (session.lastUsed, session.id) < ($0.lastUsed, $0.id) }) ?? true { stalest = session }
            let isProtected = session.lastUsed - session.created <= self.evictionAge
            if isProtected && (session.isPrivileged || !isFollower) { continue }
            if cheapest.map({ FetchSessionCache.isCheaper(session, than: $0) }) ?? true { cheapest = session }
        }
        if let stalest, now - stalest.lastUsed > self.evictionAge {
            self.remove(stalest.id)
            return true
        }
        guard let cheapest else { return false }
        let new = (isFollower ? 1 : 0, count, Int32(0))
        guard new >= (cheapest.isPrivileged ? 1 : 0, cheapest.count, cheapest.id) else { return false }
        self.remove(cheapest.id)
        return true
    }

    private static func isCheaper(_ lhs: FetchSession, than rhs: FetchSession) -> Bool {
        (lhs.isPrivileged ? 1 : 0, lhs.count, lhs.id) < (rhs.isPrivileged ? 1 : 0, rhs.count, rhs.id)
    }
}
