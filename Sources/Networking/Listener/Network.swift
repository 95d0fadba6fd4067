package import EventLoop

/// The loops that connections live on, and what they share. Listeners and outgoing connections are made on it.
package final class Network: Sendable {
    package let loops: EventLoopGroup
    package let blocking: BlockingPool
    private let lanes: [Lane]

    /// The owner starts the group, and stops it after `closeAll`.
    package init(loops: EventLoopGroup, blocking: BlockingPool) {
        self.loops = loops
        self.blocking = blocking
        self.lanes = loops.loops.map { Lane(loop: $0, blocking: blocking) }
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
}
