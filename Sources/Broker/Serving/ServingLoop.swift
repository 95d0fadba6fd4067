package import EventLoop
import KafkaRecords
import Replication
import Synchronization

/// One event loop of clients' connections, with what only its thread touches: the requests that wait on it, and the
/// memory it uses again and again.
///
/// A request waits on the loop of its connection. Whoever moves a partition forward, on whichever thread, hands the
/// names of the waiters to `deliver`; the loop looks them up and answers.
package final class ServingLoop: Sendable {
    package let index: Int
    package let loop: EventLoop
    private let inbox = Mutex(Inbox())
    // Unsafe: only the loop's thread touches it; every use asserts that.
    private nonisolated(unsafe) let confinedState: Confined

    fileprivate struct Inbox {
        var fetches: [FetchWaiterID] = []
        var produces: [ProduceCompletion] = []
        var isScheduled = false
    }

    /// What only the loop's thread touches.
    final class Confined {
        var scratch = CompressionScratch()
        var effects = ReplicaEffects()
        var produces: [ProduceWaiterID: WaitingProduce.Part] = [:]
        var fetches: [FetchWaiterID: WaitingFetch] = [:]
        /// Emptied inboxes, kept for their room.
        fileprivate var spare = Inbox()
        private var nextNumber: UInt64 = 0
        private let prefix: UInt64

        init(loopIndex: Int) {
            self.prefix = UInt64(loopIndex) << ServingLoop.numberBits
        }

        /// A number that no other waiter of this process has: the loop's index, then a count.
        func nextWaiterNumber() -> UInt64 {
            self.nextNumber += 1
            return self.prefix | self.nextNumber
        }
    }

    /// Bits of a waiter's number below the loop's index: enough for a million waits a second for eight years.
    private static let numberBits: UInt64 = 48

    package init(index: Int, loop: EventLoop) {
        self.index = index
        self.loop = loop
        self.confinedState = Confined(loopIndex: index)
    }

    var confined: Confined {
        self.loop.assertInEventLoop()
        return self.confinedState
    }

    /// The index of the loop on which the waiter of this number waits.
    static func index(ofWaiter number: UInt64) -> Int { Int(number >> self.numberBits) }

    /// Wakes waiters of this loop, soon and never within this call. From any thread.
    func deliver(fetches: some Sequence<FetchWaiterID>, produces: some Sequence<ProduceCompletion>) {
        let mustSchedule = self.inbox.withLock { inbox in
            inbox.fetches.append(contentsOf: fetches)
            inbox.produces.append(contentsOf: produces)
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        if mustSchedule { self.loop.execute { self.drain() } }
    }

    fileprivate func releaseFollowers() {
        let fetches = self.confined.fetches
        for id in fetches.keys.sorted(by: { $0.rawValue < $1.rawValue }) { fetches[id]?.releaseFollower() }
    }

    /// The loop was stopped: lets go of the requests that wait on it.
    fileprivate func abandon() {
        self.confinedState.produces = [:]
        self.confinedState.fetches = [:]
        self.inbox.withLock { $0 = Inbox() }
    }

    private func drain() {
        let confined = self.confined
        var batch = Inbox()
        swap(&batch, &confined.spare)
        self.inbox.withLock { inbox in
            swap(&batch, &inbox)
            inbox.isScheduled = false
        }
        for completion in batch.produces {
            confined.produces.removeValue(forKey: completion.waiter)?.completed(completion.error)
        }
        for waiter in batch.fetches {
            confined.fetches[waiter]?.wake()
        }
        batch.produces.removeAll(keepingCapacity: true)
        batch.fetches.removeAll(keepingCapacity: true)
        batch.isScheduled = false
        swap(&batch, &confined.spare)
    }
}

/// The loops of clients' connections, and the way from a partition to whoever waits for it.
package final class ServingLoops: Sendable {
    package let group: EventLoopGroup
    package let loops: [ServingLoop]

    package init(group: EventLoopGroup) {
        self.group = group
        self.loops = group.loops.enumerated().map { ServingLoop(index: $0.offset, loop: $0.element) }
    }

    /// The data loop of a connection's event loop, which must be one of the group.
    func servingLoop(of loop: EventLoop) -> ServingLoop {
        for candidate in self.loops where candidate.loop === loop { return candidate }
        preconditionFailure("the connection is not on a data loop")
    }

    /// Answers every follower's fetch that waits, with whatever there is. From any thread.
    func releaseFollowers() {
        for loop in self.loops { loop.loop.execute { loop.releaseFollowers() } }
    }

    /// The loops were stopped: lets go of the requests that wait on them.
    func abandon() {
        for loop in self.loops { loop.abandon() }
    }

    /// Wakes the waiters that a partition's effects name.
    func wake(_ effects: borrowing ReplicaEffects) {
        guard !effects.completedProduces.isEmpty || !effects.wokenFetches.isEmpty else { return }
        for loop in self.loops {
            let fetches = effects.wokenFetches.lazy.filter { ServingLoop.index(ofWaiter: $0.rawValue) == loop.index }
            let produces = effects.completedProduces.lazy.filter {
                ServingLoop.index(ofWaiter: $0.waiter.rawValue) == loop.index
            }
            if !fetches.isEmpty || !produces.isEmpty { loop.deliver(fetches: fetches, produces: produces) }
        }
    }
}
