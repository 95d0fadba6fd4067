import ApusCore

/// One incremental fetch session: the partitions a client is interested in, and what it was last told of each.
struct FetchSession: Equatable, Sendable {
    let id: Int32
    let usesTopicIDs: Bool
    /// It belongs to a follower, and outlives consumers' sessions.
    let isPrivileged: Bool
    let created: Instant
    var lastUsed: Instant
    /// The epoch that the next request must carry.
    var epoch: Int32

    /// A partition and what the client knows of it.
    private struct Cached: Equatable {
        var request: FetchPartitionRequest
        /// -1 makes the next answer go out whatever it is.
        var highWatermark: Offset = -1
        var logStartOffset: Offset = -1
        var isLive = true
    }

    private var slots: [Cached] = []
    private var free: [Int32] = []
    private var index: [FetchPartitionKey: Int32] = [:]
    /// Partitions that returned records go last, so that all get their turn under a response's size limit.
    private var order = SlotOrder()

    init(id: Int32, usesTopicIDs: Bool, isPrivileged: Bool, now: Instant) {
        self.id = id
        self.usesTopicIDs = usesTopicIDs
        self.isPrivileged = isPrivileged
        self.created = now
        self.lastUsed = now
        self.epoch = 1
    }

    var count: Int { self.order.count }

    /// Takes in what an incremental request adds, changes and forgets.
    mutating func update(adding requests: [FetchPartitionRequest], forgetting forgotten: [FetchPartitionKey]) {
        for request in requests {
            if let slot = self.index[request.key] {
                self.slots[Int(slot)].request = request
            } else {
                self.insert(request)
            }
        }
        for key in forgotten {
            guard let slot = self.index.removeValue(forKey: key) else { continue }
            self.order.remove(Int(slot))
            self.slots[Int(slot)].isLive = false
            self.free.append(slot)
        }
    }

    /// Adds a partition and what the full response told of it.
    mutating func open(_ request: FetchPartitionRequest, told answer: FetchPartitionAnswer) {
        guard self.index[request.key] == nil else { return }
        let slot = self.insert(request)
        self.slots[slot].highWatermark = answer.error == .noError ? answer.highWatermark : -1
        self.slots[slot].logStartOffset = answer.logStartOffset
    }

    /// Writes the partitions in their present order to `partitions`.
    func list(into partitions: inout [FetchSessionPartition]) {
        var slot = self.order.first
        while slot != SlotOrder.none {
            partitions.append(
                FetchSessionPartition(
                    request: self.slots[slot].request, slot: Int32(slot),
                    toldHighWatermark: self.slots[slot].highWatermark))
            slot = self.order.next(after: slot)
        }
    }

    /// Decides whether the response carries `answer`, and remembers what it tells.
    mutating func mustTell(_ answer: FetchPartitionAnswer) -> Bool {
        let slot = Int(answer.slot)
        guard slot >= 0, slot < self.slots.count, self.slots[slot].isLive else { return true }
        var mustTell = answer.recordsSize > 0 || answer.hasRedirection
        if self.slots[slot].highWatermark != answer.highWatermark {
            mustTell = true
            self.slots[slot].highWatermark = answer.highWatermark
        }
        if self.slots[slot].logStartOffset != answer.logStartOffset {
            mustTell = true
            self.slots[slot].logStartOffset = answer.logStartOffset
        }
        if answer.error != .noError {
            mustTell = true
            // The partition must be told of again once the error is gone.
            self.slots[slot].highWatermark = -1
        }
        if answer.recordsSize > 0 { self.order.moveToEnd(slot) }
        return mustTell
    }

    @discardableResult
    private mutating func insert(_ request: FetchPartitionRequest) -> Int {
        let slot: Int
        if let reused = self.free.popLast() {
            slot = Int(reused)
            self.slots[slot] = Cached(request: request)
        } else {
            slot = self.slots.count
            self.slots.append(Cached(request: request))
        }
        self.index[request.key] = Int32(slot)
        self.order.append(slot)
        return slot
    }
}
