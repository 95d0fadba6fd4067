package import ApusCore

/// The driver's name for one partition of a produce request that waits for its replicas.
package struct ProduceWaiterID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// The end of one wait.
package struct ProduceCompletion: Equatable, Sendable {
    package var waiter: ProduceWaiterID
    package var error: ErrorCode

    package init(waiter: ProduceWaiterID, error: ErrorCode) {
        self.waiter = waiter
        self.error = error
    }
}

/// Appends with `acks=all` that wait for the high watermark of one partition: a queue ordered by required offset.
///
/// Appends register in the order of their offsets, so registering is a push and completing pops a prefix. Only the
/// answer to a duplicate of an older append goes in further ahead.
package struct ProduceWaiters: Equatable, Sendable {
    /// The most waits of one partition; beyond, appends with `acks=all` are refused before they are written.
    package static var capacity: Int { 65_536 }

    private struct Entry: Equatable {
        var waiter: ProduceWaiterID
        var requiredOffset: Offset
        var deadline: Instant
    }

    private var entries: [Entry] = []
    /// Entries before this index are done.
    private var head = 0
    /// No live entry has an earlier deadline.
    private var earliestDeadlineBound: Instant = .distantFuture

    package init() {}

    package var count: Int { self.entries.count - self.head }

    package var isEmpty: Bool { self.entries.count == self.head }

    /// An instant before which nothing expires; may be earlier than the first deadline.
    package var earliestDeadline: Instant? {
        self.isEmpty ? nil : self.earliestDeadlineBound
    }

    /// Adds a wait until the high watermark is at or past `requiredOffset`.
    mutating func add(_ waiter: ProduceWaiterID, requiredOffset: Offset, deadline: Instant) {
        self.earliestDeadlineBound =
            self.isEmpty ? deadline : min(self.earliestDeadlineBound, deadline)
        let entry = Entry(waiter: waiter, requiredOffset: requiredOffset, deadline: deadline)
        var index = self.entries.count
        while index > self.head && self.entries[index - 1].requiredOffset > requiredOffset { index -= 1 }
        if index == self.entries.count {
            self.entries.append(entry)
        } else {
            self.entries.insert(entry, at: index)
        }
    }

    /// Ends every wait for an offset at or below `highWatermark` with `error`.
    mutating func complete(upTo highWatermark: Offset, error: ErrorCode, into completions: inout [ProduceCompletion]) {
        while self.head < self.entries.count && self.entries[self.head].requiredOffset <= highWatermark {
            completions.append(ProduceCompletion(waiter: self.entries[self.head].waiter, error: error))
            self.head += 1
        }
        self.compact()
    }

    /// Ends every wait whose deadline has come with REQUEST_TIMED_OUT.
    mutating func expire(now: Instant, into completions: inout [ProduceCompletion]) {
        guard !self.isEmpty, now >= self.earliestDeadlineBound else { return }
        var kept = self.head
        var earliest = Instant.distantFuture
        for index in self.head..<self.entries.count {
            let entry = self.entries[index]
            if entry.deadline <= now {
                completions.append(ProduceCompletion(waiter: entry.waiter, error: .requestTimedOut))
            } else {
                earliest = min(earliest, entry.deadline)
                self.entries[kept] = entry
                kept += 1
            }
        }
        self.entries.removeSubrange(kept...)
        self.earliestDeadlineBound = earliest
        self.compact()
    }

    /// Ends every wait with `error`: leadership is lost.
    mutating func failAll(error: ErrorCode, into completions: inout [ProduceCompletion]) {
        for index in self.head..<self.entries.count {
            completions.append(ProduceCompletion(waiter: self.entries[index].waiter, error: error))
        }
        self.head = self.entries.count
        self.compact()
    }

    /// Gives done entries' room back once they are the larger part, so that each is moved at most once on average.
    private mutating func compact() {
        if self.head == self.entries.count {
            self.entries.removeAll(keepingCapacity: self.entries.capacity <= 1024)
            self.head = 0
        } else if self.head >= 64 && self.head * 2 >= self.entries.count {
            self.entries.removeFirst(self.head)
            self.head = 0
        }
    }

    package static func == (lhs: ProduceWaiters, rhs: ProduceWaiters) -> Bool {
        lhs.entries[lhs.head...] == rhs.entries[rhs.head...]
    }
}
