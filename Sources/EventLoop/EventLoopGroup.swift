import Synchronization

/// Some event loops that share the work, one a core as a rule.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// - Parameter count: at least one.
    package init(count: Int, name: String = "loop") throws(SystemError) {
        precondition(count > 0, "a group has a loop")
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(name: "\(name)-\(index)")) }
        self.loops = loops
    }

    /// A group of loops that were made before; at least one.
    package init(_ loops: [EventLoop]) {
        precondition(!loops.isEmpty, "a group has a loop")
        self.loops = loops
    }

    package func start() throws(SystemError) {
        for loop in self.loops { try loop.start() }
    }

    /// The next loop in turn.
    package func next() -> EventLoop {
        let turn = self.turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return self.loops[Int(UInt(bitPattern: turn) % UInt(self.loops.count))]
    }

    /// Ends the loops after their queued work and waits for them.
    package func stop() {
        for loop in self.loops { loop.stop() }
        for loop in self.loops { loop.join() }
    }
}
