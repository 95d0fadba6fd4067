package import ApusCore
package import EventLoop
import KafkaProtocol
package import Networking
import Synchronization
package import Telemetry

/// The way from this broker to whichever node is the active controller.
///
/// It follows the quorum's leader, keeps one connection to it, and holds what is to be sent while there is none. The
/// connection itself is a sign of life: when this process dies it breaks, and the controller notices at once.
package final class ControllerChannel: RequestChannelObserver, Sendable {
    /// Is told of the connection. Calls come on the loop.
    package protocol Observer: AnyObject {
        func controllerConnected(_ channel: RequestChannel)
        func controllerLost()
    }

    package typealias Attempt = @Sendable (RequestChannel, _ retry: @escaping @Sendable () -> Void) -> Void

    private struct Job {
        let deadline: Instant
        let attempt: Attempt
        let expired: @Sendable () -> Void
    }

    /// What only the loop's thread touches.
    private struct Confined {
        var channel: RequestChannel?
        var leader = NodeID.none
        var waiting: [Job] = []
        weak var observer: (any Observer)?
        var isClosed = false
        var isExpiryScheduled = false
    }

    package let loop: EventLoop
    private let network: Network
    private let localID: NodeID
    private let endpoints: [NodeID: OutgoingConfiguration]
    private let log: Logger
    // Unsafe: only the loop's thread touches it; every use asserts that.
    private nonisolated(unsafe) var confined = Confined()

    /// More requests than this wait for a controller at most; the next is refused as timed out.
    private static let waitingMax = 10_000

    /// - Parameter endpoints: where each voter of the quorum serves controllers' requests.
    package init(
        loop: EventLoop, network: Network, localID: NodeID, endpoints: [NodeID: OutgoingConfiguration], log: Logger
    ) {
        self.loop = loop
        self.network = network
        self.localID = localID
        self.endpoints = endpoints
        self.log = log
    }

    package func setObserver(_ observer: any Observer) {
        self.loop.assertInEventLoop()
        self.confined.observer = observer
    }

    /// The quorum has this leader now, or none.
    package func leaderChanged(to leader: NodeID) {
        self.loop.assertInEventLoop()
        guard leader != self.confined.leader, !self.confined.isClosed else { return }
        self.confined.leader = leader
        let previous = self.confined.channel
        self.confined.channel = nil
        if let previous {
            previous.close()
            self.confined.observer?.controllerLost()
        }
        guard let endpoint = self.endpoints[leader] else { return }
        let channel = RequestChannel(
            to: leader, endpoint, network: self.network, loop: self.loop, clientID: "broker-\(self.localID)",
            backoff: ReconnectBackoff(initial: .milliseconds(20), maximum: .milliseconds(200)),
            seed: UInt64(bitPattern: Int64(self.localID.rawValue)), observer: self)
        self.confined.channel = channel
        channel.open()
    }

    /// Hands a connected channel to `attempt`, at once or as soon as there is one. An attempt that finds that it asked
    /// the wrong node, or lost its connection, calls `retry`. When the time is up `expired` is called instead.
    ///
    /// Each of `attempt` and `expired` runs on the loop. From any thread.
    package func perform(
        timeout: Interval, attempt: @escaping Attempt, expired: @escaping @Sendable () -> Void
    ) {
        self.loop.execute {
            self.begin(Job(deadline: self.loop.now + timeout, attempt: attempt, expired: expired))
        }
    }

    package func close() {
        self.loop.assertInEventLoop()
        self.confined.isClosed = true
        self.confined.channel?.close()
        self.confined.channel = nil
        let waiting = self.confined.waiting
        self.confined.waiting = []
        for job in waiting { job.expired() }
    }

    /// The node's loops were stopped: lets go of what waits and of what is under way.
    func abandon() {
        self.confined = Confined()
    }

    private func begin(_ job: Job) {
        guard !self.confined.isClosed, self.loop.now < job.deadline, self.confined.waiting.count < Self.waitingMax
        else {
            job.expired()
            return
        }
        guard let channel = self.confined.channel, channel.isOpen else {
            self.confined.waiting.append(job)
            self.scheduleExpiry()
            return
        }
        job.attempt(channel) {
            // A moment of patience: the quorum may just be electing.
            self.loop.execute {
                _ = self.loop.schedule(after: .milliseconds(20)) { self.begin(job) }
            }
        }
    }

    private func scheduleExpiry() {
        guard !self.confined.isExpiryScheduled else { return }
        self.confined.isExpiryScheduled = true
        _ = self.loop.schedule(after: .milliseconds(100)) {
            self.confined.isExpiryScheduled = false
            let now = self.loop.now
            let waiting = self.confined.waiting
            self.confined.waiting = waiting.filter { $0.deadline > now }
            for job in waiting where job.deadline <= now { job.expired() }
            if !self.confined.waiting.isEmpty { self.scheduleExpiry() }
        }
    }
}

extension ControllerChannel {
    package func channelOpened(_ channel: RequestChannel) {
        guard channel === self.confined.channel else { return }
        self.log.info("connected to the controller", ["controller": LogValue(channel.peer)])
        self.confined.observer?.controllerConnected(channel)
        let waiting = self.confined.waiting
        self.confined.waiting = []
        for job in waiting { self.begin(job) }
    }

    package func channelClosed(_ channel: RequestChannel, reason: CloseReason) {
        guard channel === self.confined.channel else { return }
        self.log.debug(
            "no connection to the controller", ["controller": LogValue(channel.peer), "reason": LogValue(reason)])
        self.confined.observer?.controllerLost()
    }
}
