package import ApusCore

/// Names one scheduled timer of one heap. It is never reused, so cancelling a timer that has fired does nothing.
package struct TimerID: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// Timers in order of their deadline, and in order of scheduling where deadlines are equal: a heap with four children
/// a node, which also finds a timer by its id, so that starting and stopping one costs a few nanoseconds.
package struct TimerHeap<Payload> {
    private struct Node {
        var deadline: Instant
        var sequence: UInt64
        var slot: Int32

        static func < (lhs: Node, rhs: Node) -> Bool {
            lhs.deadline == rhs.deadline ? lhs.sequence < rhs.sequence : lhs.deadline < rhs.deadline
        }
    }

    private struct Slot {
        var payload: Payload?
        var position: Int32
        var generation: UInt32
    }

    private var nodes: [Node] = []
    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var sequence: UInt64 = 0

    package init() {}

    /// Timers that wait.
    package var count: Int { self.nodes.count }

    /// The earliest deadline.
    package var earliest: Instant? { self.nodes.first?.deadline }

    @discardableResult
    package mutating func insert(_ payload: Payload, at deadline: Instant) -> TimerID {
        let slot: Int32
        if let reused = self.free.popLast() {
            slot = reused
        } else {
            slot = Int32(self.slots.count)
            self.slots.append(Slot(payload: nil, position: 0, generation: 0))
        }
        self.slots[Int(slot)].payload = payload
        self.sequence += 1
        self.nodes.append(Node(deadline: deadline, sequence: self.sequence, slot: slot))
        self.siftUp(self.nodes.count - 1)
        return TimerID(slot: slot, generation: self.slots[Int(slot)].generation)
    }

    /// The payload of the timer that was taken out; nil where it has fired or was cancelled before.
    @discardableResult
    package mutating func cancel(_ id: TimerID) -> Payload? {
        let index = Int(id.slot)
        guard index < self.slots.count, self.slots[index].generation == id.generation else { return nil }
        return self.remove(at: Int(self.slots[index].position))
    }

    /// Takes out the earliest timer where its deadline is not after `now`.
    package mutating func popDue(_ now: Instant) -> Payload? {
        guard let first = self.nodes.first, first.deadline <= now else { return nil }
        return self.remove(at: 0)
    }

    private mutating func remove(at position: Int) -> Payload? {
        let slot = self.nodes[position].slot
        let last = self.nodes.removeLast()
        if position < self.nodes.count {
            self.nodes[position] = last
            self.siftDown(position)
            if self.nodes[position].slot == last.slot { self.siftUp(position) }
        }
        let payload = self.slots[Int(slot)].payload
        self.slots[Int(slot)].payload = nil
        self.slots[Int(slot)].generation &+= 1
        self.free.append(slot)
        return payload
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let node = self.nodes[position]
        while position > 0 {
            let parent = (position - 1) / 4
            guard node < self.nodes[parent] else { break }
            self.place(self.nodes[parent], at: position)
            position = parent
        }
        self.place(node, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let node = self.nodes[position]
        while true {
            let first = position * 4 + 1
            guard first < self.nodes.count else { break }
            var least = first
            for child in (first + 1)..<max(first + 1, min(first + 4, self.nodes.count))
            where self.nodes[child] < self.nodes[least] {
                least = child
            }
            guard self.nodes[least] < node else { break }
            self.place(self.nodes[least], at: position)
            position = least
        }
        self.place(node, at: position)
    }

    private mutating func place(_ node: Node, at position: Int) {
        self.nodes[position] = node
        self.slots[Int(node.slot)].position = Int32(position)
    }
}
