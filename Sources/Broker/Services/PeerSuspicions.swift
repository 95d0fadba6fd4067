import ApusCore
import Synchronization

/// The brokers that this one has just lost its connection to, which may well be dead.
///
/// When a process dies its connections break everywhere in the same moment, and clients ask the next broker who leads
/// now: some milliseconds before the controller can have decided. A client that is told the dead leader again may not
/// ask for a second, so the answer waits for the election instead. A suspicion changes what clients are told and nothing
/// else, and it ends by itself: a broker that only this one cannot reach is not hidden for long.
final class PeerSuspicions: Sendable {
    /// Longer than an election of a controller and of leaders takes.
    private static let duration = Interval.seconds(2)
    /// As long as Kafka's default session timeout: so long Kafka itself tells clients of a broker that is dead.
    private static let listedDuration = Interval.seconds(9)

    private let lost = Mutex<[NodeID: Instant]>([:])

    /// The connection to `broker` broke. A loss that is known already is not prolonged.
    func connectionLost(to broker: NodeID, now: Instant) {
        self.lost.withLock { lost in
            if lost[broker] == nil { lost[broker] = now }
        }
    }

    func connected(to broker: NodeID) {
        self.lost.withLock { lost in lost[broker] = nil }
    }

    /// Who is suspected at this moment.
    func current(now: Instant) -> Set<NodeID> { self.lost(within: Self.duration, now: now) }

    /// Who is still told among the brokers although it is fenced. A client that moves its partitions away from a broker
    /// in the same answer in which that broker disappears may trip over itself: librdkafka then loses the new leader
    /// that it was just told, until it asks again after a second.
    func stillListed(now: Instant) -> Set<NodeID> { self.lost(within: Self.listedDuration, now: now) }

    private func lost(within duration: Interval, now: Instant) -> Set<NodeID> {
        self.lost.withLock { lost in
            lost.isEmpty ? [] : Set(lost.filter { now < $0.value + duration }.keys)
        }
    }
}
