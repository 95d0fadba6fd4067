package import EventLoop
import Synchronization

/// The loops that connections live on, and what they share. Listeners and outgoing connections are made on it.
package final class Network: Sendable {
    package let loops: EventLoopGroup
    package let blocking: BlockingPool
    /// What takes the place of the system's sockets, in virtual time.
    let virtual: (any VirtualNetwork)?
    private let lanes: [Lane]
    private let connectionCount = Atomic<UInt64>(0)

    /// The owner starts the group, and stops it after `closeAll`.
    ///
    /// - Parameter virtual: where the loops are virtual, and only there: what their sockets are made of.
    package init(loops: EventLoopGroup, blocking: BlockingPool, virtual: (any VirtualNetwork)? = nil) {
        precondition(
            loops.loops.allSatisfy { ($0.clock.host == nil) == (virtual == nil) },
            "virtual loops have virtual sockets")
        self.loops = loops
        self.blocking = blocking
        self.virtual = virtual
        self.lanes = loops.loops.map { Lane(loop: $0, blocking: blocking, virtual: virtual) }
    }

    /// A number for a connection that was accepted.
    func nextConnectionID() -> UInt64 {
        self.connectionCount.wrappingAdd(1, ordering: .relaxed).newValue
    }

    func lane(of loop: EventLoop) -> Lane {
        guard let lane = self.lanes.first(where: { $0.loop === loop }) else {
            preconditionFailure("the loop belongs to another network")
        }
        return lane
    }

    func nextLane() -> Lane { self.lane(of: self.loops.next()) }

    /// Closes every connection, those that are made later included; their ends are reported on the loops.
    package func closeAll() {
        for lane in self.lanes { lane.loop.execute { lane.close() } }
    }

    /// Lets go of every connection without a word to anybody, as the end of a process does. Only after virtual loops
    /// were stopped.
    package func abandon() {
        for lane in self.lanes { lane.abandon() }
    }
}
