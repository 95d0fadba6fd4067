import ApusCore
import Raft

/// What travels or will happen, in the order of time and then of creation.
struct EventQueue {
    private var heap: [(at: Instant, sequence: Int, event: Event)] = []
    private var sequence = 0

    var isEmpty: Bool { self.heap.isEmpty }

    mutating func schedule(_ event: Event, at instant: Instant) {
        self.sequence += 1
        self.heap.append((instant, self.sequence, event))
        var child = self.heap.count - 1
        while child > 0, self.precedes(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Instant, event: Event)? {
        guard let first = self.heap.first else { return nil }
        let last = self.heap.removeLast()
        if !self.heap.isEmpty {
            self.heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                    if self.precedes(child, least) { least = child }
                }
                if least == parent { break }
                self.heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.at, first.event)
    }

    private func precedes(_ lhs: Int, _ rhs: Int) -> Bool {
        (self.heap[lhs].at, self.heap[lhs].sequence) < (self.heap[rhs].at, self.heap[rhs].sequence)
    }
}

/// Which process is meant: a restarted one is another.
struct Address: Hashable {
    var index: Int
    var incarnation: Int
}

enum Event {
    case request(from: Address, to: Int, OutboundRequestID, RaftRequest)
    case response(to: Address, OutboundRequestID, RaftResponse, Payload)
    case failure(to: Address, OutboundRequestID, RequestFailure)
    case timer(Address)
    case flushDone(Address, FlushTicket, StoredLog)
    case clientAppends
    case snapshotTaken
    case fault
    case restart(Int, incarnation: Int)
    case stop(Address)
}

/// What a response carries beside what the machine sees.
enum Payload: Hashable {
    case none
    case entries([Entry])
    case snapshot(Snapshot)
}

/// How bad the network is.
struct NetworkWeather: Hashable {
    var lossPercent = 0
    var duplicatePercent = 0
    /// A message that is slow arrives after others sent later.
    var slowPercent = 0
    /// A connection that breaks although both ends live.
    var resetPercent = 0
    var latency = Interval.microseconds(200)...Interval.milliseconds(2)
    var slowLatency = Interval.milliseconds(2)...Interval.milliseconds(300)

    static let fair = NetworkWeather()

    static func foul(_ random: inout SeededRandom) -> NetworkWeather {
        var weather = NetworkWeather()
        weather.lossPercent = Int.random(in: 0...10, using: &random)
        weather.duplicatePercent = Int.random(in: 0...10, using: &random)
        weather.slowPercent = Int.random(in: 0...15, using: &random)
        weather.resetPercent = Int.random(in: 0...3, using: &random)
        return weather
    }
}
