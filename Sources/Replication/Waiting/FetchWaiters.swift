import ApusCore

/// The driver's name for a fetch request that waits for data.
package struct FetchWaiterID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// Which end of the log bounds what a reader may see.
package enum FetchIsolation: Int, Equatable, Sendable {
    /// The log end: for followers.
    case logEnd = 0
    /// The high watermark: for consumers that read uncommitted transactions.
    case highWatermark = 1
    /// The last stable offset: for consumers that read committed transactions. It moves no further than the high
    /// watermark, and only when that moves.
    case lastStable = 2
}

/// One wait of a fetch on one partition, to be cancelled by when the request is answered otherwise.
package struct FetchWaitToken: Equatable, Sendable {
    fileprivate var slot: Int32
    fileprivate var generation: UInt32
}

/// The fetches that wait at one partition for an end to pass an offset.
///
/// A request that wants more bytes than one record is evaluated again on each wake and registers anew from the end it
/// saw. A registration ends when it is woken or cancelled; both are constant time, and an advance that passes no
/// waiting offset costs one comparison.
package struct FetchWaiters: Equatable, Sendable {
    /// The most waits at one partition; beyond, a fetch is answered with what there is.
    package static var capacity: Int { 65_536 }

    private struct Slot: Equatable {
        var waiter: FetchWaiterID
        var offset: Offset
        var isolation: FetchIsolation
        var generation: UInt32
        var isLive: Bool
    }

    /// The waits on one end, in the order of registration.
    private struct Queue: Equatable {
        var order = SlotOrder()
        /// No live registration waits at a lower offset.
        var lowest = FetchWaiters.furthest
    }

    private static var furthest: Offset { Offset(rawValue: .max) }

    private var slots: [Slot] = []
    private var free: [Int32] = []
    /// By the raw value of the isolation.
    private var queues = [Queue(), Queue(), Queue()]

    package init() {}

    package var count: Int { self.slots.count - self.free.count }

    /// Registers a wait until the end that bounds `isolation` is past `offset`.
    ///
    /// Returns `nil` when `capacity` is reached.
    mutating func add(_ waiter: FetchWaiterID, isolation: FetchIsolation, offset: Offset) -> FetchWaitToken? {
        guard self.count < FetchWaiters.capacity else { return nil }
        let slot: Int
        if let reused = self.free.popLast() {
            slot = Int(reused)
            let generation = self.slots[slot].generation &+ 1
            self.slots[slot] = Slot(
                waiter: waiter, offset: offset, isolation: isolation, generation: generation, isLive: true)
        } else {
            slot = self.slots.count
            self.slots.append(
                Slot(waiter: waiter, offset: offset, isolation: isolation, generation: 0, isLive: true))
        }
        self.queues[isolation.rawValue].order.append(slot)
        self.queues[isolation.rawValue].lowest = min(self.queues[isolation.rawValue].lowest, offset)
        return FetchWaitToken(slot: Int32(slot), generation: self.slots[slot].generation)
    }

    /// Ends a registration; one that was woken already is left alone.
    mutating func cancel(_ token: FetchWaitToken) {
        let slot = Int(token.slot)
        guard slot < self.slots.count, self.slots[slot].isLive, self.slots[slot].generation == token.generation else {
            return
        }
        self.release(slot)
    }

    /// Wakes who waits on `isolation` at an offset below `endOffset`, in the order of registration.
    mutating func advance(_ isolation: FetchIsolation, to endOffset: Offset, into woken: inout [FetchWaiterID]) {
        let queue = isolation.rawValue
        guard endOffset > self.queues[queue].lowest else { return }
        var lowest = FetchWaiters.furthest
        var slot = self.queues[queue].order.first
        while slot != SlotOrder.none {
            let next = self.queues[queue].order.next(after: slot)
            if self.slots[slot].offset < endOffset {
                woken.append(self.slots[slot].waiter)
                self.release(slot)
            } else {
                lowest = min(lowest, self.slots[slot].offset)
            }
            slot = next
        }
        self.queues[queue].lowest = lowest
    }

    /// Wakes everyone: the log was truncated, or the replica changed its role.
    mutating func wakeAll(into woken: inout [FetchWaiterID]) {
        self.advance(.logEnd, to: FetchWaiters.furthest, into: &woken)
        self.advance(.highWatermark, to: FetchWaiters.furthest, into: &woken)
        self.advance(.lastStable, to: FetchWaiters.furthest, into: &woken)
    }

    private mutating func release(_ slot: Int) {
        self.queues[self.slots[slot].isolation.rawValue].order.remove(slot)
        self.slots[slot].isLive = false
        self.free.append(Int32(slot))
    }
}
