/// The events to come, ordered by time, and by the order in which they were asked for where times are equal: a heap with
/// four children a node.
///
/// An event names what it is for by a slot and the slot's generation, so that taking an event back costs nothing: it is
/// stale when it comes.
struct EventQueue {
    struct Event {
        /// Nanoseconds of the world's time.
        var time: Int64
        var sequence: UInt64
        var slot: UInt32
        var generation: UInt32
        var kind: EventKind

        static func < (lhs: Event, rhs: Event) -> Bool {
            lhs.time == rhs.time ? lhs.sequence < rhs.sequence : lhs.time < rhs.time
        }
    }

    private var events: [Event] = []
    private var sequence: UInt64 = 0

    /// Events to come, stale ones included.
    var count: Int { self.events.count }

    /// When the next event is due, a stale one perhaps.
    var earliest: Int64? { self.events.first?.time }

    mutating func push(_ kind: EventKind, at time: Int64, slot: UInt32, generation: UInt32) {
        self.sequence += 1
        let event = Event(time: time, sequence: self.sequence, slot: slot, generation: generation, kind: kind)
        self.events.append(event)
        var position = self.events.count - 1
        while position > 0 {
            let parent = (position - 1) / 4
            guard event < self.events[parent] else { break }
            self.events[position] = self.events[parent]
            position = parent
        }
        self.events[position] = event
    }

    mutating func pop() -> Event? {
        guard let last = self.events.popLast() else { return nil }
        guard let first = self.events.first else { return last }
        let count = self.events.count
        var position = 0
        while true {
            let child = position * 4 + 1
            guard child < count else { break }
            var least = child
            for other in (child + 1)..<max(child + 1, min(child + 4, count))
            where self.events[other] < self.events[least] {
                least = other
            }
            guard self.events[least] < last else { break }
            self.events[position] = self.events[least]
            position = least
        }
        self.events[position] = last
        return first
    }
}
