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
    func current(now: Instant) -> Set<NodeID> {
        self.lost.withLock { lost in
            lost.isEmpty ? [] : Set(lost.filter { now < $0.value + Self.duration }.keys)
        }
    }
}
