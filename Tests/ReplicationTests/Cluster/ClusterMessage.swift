import ApusCore
import Replication

/// What travels between the nodes of a simulated cluster; address 0 is the controller.
struct ClusterMessage {
    enum Payload {
        case register(incarnation: Int, isClean: Bool)
        case registered(incarnation: Int, brokerEpoch: BrokerEpoch, MetadataImage)
        case heartbeat(BrokerEpoch)
        case metadata(MetadataImage)
        case fetch(correlation: Int, brokerEpoch: BrokerEpoch, FollowerFetchRequest)
        case fetched(correlation: Int, error: ErrorCode, sessionID: Int32, [FetchedPartition])
        case alterPartition(partition: Int, brokerEpoch: BrokerEpoch, connection: Int, ISRProposal)
        case alteredPartition(partition: Int, connection: Int, ISRProposalID, ISRProposalOutcome)
        case listOffsets(correlation: Int, partition: Int, leaderEpoch: LeaderEpoch)
        case listedOffsets(
            correlation: Int, partition: Int, leaderEpoch: LeaderEpoch, error: ErrorCode, LogBounds)
    }

    var from: Int
    var to: Int
    var payload: Payload

    /// Whether the transport may deliver it twice: only the tracked connections of AlterPartition never do.
    var mayRepeat: Bool {
        switch self.payload {
        case .alterPartition, .alteredPartition: false
        default: true
        }
    }
}

/// One partition of a simulated fetch response.
struct FetchedPartition {
    var partition: Int
    var error: ErrorCode
    var divergingEpoch: EpochEndOffset?
    var highWatermark: Offset
    var logStartOffset: Offset
    var records: [MemoryRecord]
}

/// Events ordered by time, then by the order in which they were scheduled.
struct EventQueue<Event> {
    private struct Entry {
        var time: Instant
        var sequence: Int
        var event: Event
    }

    private var heap: [Entry] = []
    private var sequence = 0

    var nextTime: Instant? { self.heap.first?.time }

    mutating func push(_ event: Event, at time: Instant) {
        self.sequence += 1
        self.heap.append(Entry(time: time, sequence: self.sequence, event: event))
        var child = self.heap.count - 1
        while child > 0 && self.isBefore(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (time: Instant, event: Event)? {
        guard let first = self.heap.first else { return nil }
        let last = self.heap.removeLast()
        if !self.heap.isEmpty {
            self.heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                    if self.isBefore(child, least) { least = child }
                }
                if least == parent { break }
                self.heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.time, first.event)
    }

    private func isBefore(_ lhs: Int, _ rhs: Int) -> Bool {
        let (left, right) = (self.heap[lhs].time.nanoseconds, self.heap[rhs].time.nanoseconds)
        return left == right ? self.heap[lhs].sequence < self.heap[rhs].sequence : left < right
    }
}
