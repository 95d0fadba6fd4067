package import ApusCore
package import ClusterMetadata
package import Controller
package import EventLoop
import KafkaProtocol
package import KafkaStoredMessages
package import Networking
import StateMachine
package import Telemetry

/// Runs the controller on the metadata log while this node leads the quorum: commands in, records to the log, answers
/// when the records are committed. Decides nothing. Lives on the quorum's loop.
package final class ControllerService {
    /// An answer that waits for records to be committed.
    private struct Waiter {
        let offset: Offset
        let committed: () -> Void
        let lost: () -> Void
    }

    let loop: EventLoop
    let log: Logger
    private let configuration: ControllerConfiguration
    private let rules: any ConfigurationRules
    private let bootstrap: [MetadataRecord]
    private let metadataLog: any MetadataAppender
    private let probe: BrokerProbe
    private var random: SeededRandom
    /// The controller, while this node is the active one.
    private var controller: Controller?
    /// In ascending order of offsets.
    private var waiters: [Waiter] = []
    private var timer: TimerID?
    private var timerDeadline: Instant?
    /// The connection on which a broker was heard last.
    private var connections: [NodeID: UInt64] = [:]

    package init(
        configuration: ControllerConfiguration, rules: any ConfigurationRules, bootstrap: [MetadataRecord],
        metadataLog: any MetadataAppender, probe: BrokerProbe, loop: EventLoop, log: Logger, seed: UInt64
    ) {
        self.configuration = configuration
        self.rules = rules
        self.bootstrap = bootstrap
        self.metadataLog = metadataLog
        self.probe = probe
        self.loop = loop
        self.log = log
        self.random = SeededRandom(seed: seed)
    }

    package var isActive: Bool { self.controller != nil }

    /// The metadata with everything that was appended; nil where this node is not the active controller.
    var image: MetadataImage? { self.controller?.image }

    // MARK: - Leadership

    /// This node leads the quorum, and everything that earlier leaders have committed is in `image`.
    ///
    /// - Parameter leaderHeardAt: when this node last heard the leader before it.
    package func activate(image: MetadataImage, openTransactionOffset: Offset?, leaderHeardAt: Instant?) {
        self.loop.assertInEventLoop()
        var controller = Controller(
            configuration: self.configuration, rules: self.rules, image: image,
            random: SeededRandom(seed: self.random.next()), leaderHeardAt: leaderHeardAt, now: self.loop.now)
        let result = controller.activate(
            openTransactionOffset: openTransactionOffset, bootstrap: self.bootstrap,
            context: ControllerContext(now: self.loop.now, appendOffset: self.metadataLog.endOffset))
        self.controller = controller
        self.log.info(
            "active controller",
            ["epoch": LogValue(self.metadataLog.leaderEpoch), "records": LogValue(result.records.count)])
        self.append(result.records, isAtomic: result.isAtomic)
        self.probeBrokers(image)
        self.schedule()
    }

    /// This node leads no longer: what was not committed is forgotten, and whoever waits is told.
    package func resign() {
        self.loop.assertInEventLoop()
        guard self.controller != nil else { return }
        self.log.info("no longer the active controller", [:])
        self.controller = nil
        self.cancelTimer()
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.lost() }
    }

    /// The node's loops were stopped: lets go of whoever waits.
    func abandon() {
        self.controller = nil
        self.waiters = []
    }

    /// Everything below `endOffset` is committed.
    package func committed(upTo endOffset: Offset) {
        var count = 0
        while count < self.waiters.count, self.waiters[count].offset < endOffset { count += 1 }
        guard count > 0 else { return }
        let done = self.waiters.prefix(count)
        self.waiters.removeFirst(count)
        for waiter in done { waiter.committed() }
    }

    // MARK: - Commands

    /// Runs a command, appends its records, and gives its answer to `reply` once they are committed.
    ///
    /// - Parameter refuse: is called instead where this node is not the active controller, or stops being it before
    ///   the records are committed; whether they will be is unknown then.
    func run<Response>(
        apiVersion: Int16, command: (inout Controller, ControllerContext) -> CommandResult<MetadataRecord, Response>,
        reply: @escaping (Response) -> Void, refuse: @escaping (ErrorCode) -> Void
    ) {
        self.loop.assertInEventLoop()
        guard var controller = self.controller else {
            refuse(.notController)
            return
        }
        // Out of the optional while it changes, so that its tables are changed in place.
        self.controller = nil
        let context = ControllerContext(
            now: self.loop.now, appendOffset: self.metadataLog.endOffset, apiVersion: apiVersion)
        let result = command(&controller, context)
        self.controller = controller
        guard let last = self.append(result.records, isAtomic: result.isAtomic) else {
            if result.records.isEmpty, self.controller != nil {
                self.replyInOrder(result.response, reply, refuse)
            } else {
                refuse(.notController)
            }
            return
        }
        self.waiters.append(
            Waiter(offset: last, committed: { reply(result.response) }, lost: { refuse(.notController) }))
        self.schedule()
    }

    /// An answer that rests on records appended before, but not committed yet, waits for them.
    private func replyInOrder<Response>(
        _ response: Response, _ reply: @escaping (Response) -> Void, _ refuse: @escaping (ErrorCode) -> Void
    ) {
        self.schedule()
        guard let last = self.waiters.last else {
            reply(response)
            return
        }
        self.waiters.append(
            Waiter(offset: last.offset, committed: { reply(response) }, lost: { refuse(.notController) }))
    }

    /// Appends and applies records; returns the offset of the last, nil where there are none or leadership is lost.
    @discardableResult
    private func append(_ records: [MetadataRecord], isAtomic: Bool) -> Offset? {
        guard !records.isEmpty else { return nil }
        guard let first = self.metadataLog.append(records, isAtomic: isAtomic) else {
            self.resign()
            return nil
        }
        let epoch = self.metadataLog.leaderEpoch
        for (index, record) in records.enumerated() {
            do {
                try self.controller?.apply(record, at: first + Int64(index), epoch: epoch)
            } catch {
                // The controller wrote what it cannot read itself: going on would spread the damage.
                preconditionFailure("the controller's own record \(record) cannot be applied: \(error)")
            }
        }
        return first + Int64(records.count - 1)
    }

    // MARK: - Time

    private func schedule() {
        guard let deadline = self.controller?.nextDeadline, deadline != self.timerDeadline else { return }
        self.cancelTimer()
        guard deadline != .distantFuture else { return }
        self.timerDeadline = deadline
        self.timer = self.loop.schedule(at: deadline) { [weak self] in
            self?.timer = nil
            self?.timerDeadline = nil
            self?.tick()
        }
    }

    private func cancelTimer() {
        if let timer = self.timer { self.loop.cancel(timer) }
        self.timer = nil
        self.timerDeadline = nil
    }

    private func tick() {
        guard var controller = self.controller else { return }
        self.controller = nil
        let result = controller.tick(now: self.loop.now, appendOffset: self.metadataLog.endOffset)
        self.controller = controller
        for case .partitionChange(let change) in result.records where change.leader >= 0 {
            self.log.debug(
                "electing",
                ["partition": LogValue("\(change.topicId)-\(change.partitionId)"), "leader": LogValue(change.leader)])
        }
        self.append(result.records, isAtomic: result.isAtomic)
        self.schedule()
    }

    // MARK: - Brokers' connections

    /// A broker spoke on this connection.
    func heard(_ broker: NodeID, on connection: Connection) {
        guard self.connections.updateValue(connection.id, forKey: broker) != connection.id else { return }
        (connection.userState as? ServedConnection)?.broker = broker
        self.controller?.brokerConnectionRestored(broker)
    }

    /// A connection has ended; if a broker spoke on it last, its process may be gone.
    package func connectionClosed(_ connection: Connection) {
        guard let id = (connection.userState as? ServedConnection)?.broker, self.connections[id] == connection.id
        else { return }
        self.connections[id] = nil
        self.log.info("lost the connection to a broker", ["broker": LogValue(id)])
        self.controller?.brokerConnectionLost(id, now: self.loop.now)
        self.schedule()
        if let broker = self.controller?.image.brokers[id], !broker.isFenced { self.probe(broker) }
    }

    /// Finds out which brokers died together with the controller before this one: their ports refuse connections.
    private func probeBrokers(_ image: MetadataImage) {
        for id in image.brokerIDs {
            guard let broker = image.brokers[id], !broker.isFenced, self.connections[id] == nil else { continue }
            self.probe(broker)
        }
    }

    /// While a process ends its sockets close one by one, so a port may answer for a moment longer.
    private static let probeInterval = Interval.milliseconds(10)
    private static let probeAttemptsMax = 20

    /// Asks a broker's port whether its process is still there.
    private func probe(_ broker: BrokerRegistration, attempt: Int = 1) {
        self.probe.connect(to: broker) { [weak self] isRefused in
            guard let self, self.connections[broker.id] == nil,
                self.controller?.image.brokers[broker.id]?.epoch == broker.epoch
            else { return }
            guard isRefused else {
                guard attempt < Self.probeAttemptsMax else { return }
                _ = self.loop.schedule(after: Self.probeInterval) { [weak self] in
                    self?.probe(broker, attempt: attempt + 1)
                }
                return
            }
            self.log.info("a broker refuses connections", ["broker": LogValue(broker.id)])
            self.controller?.brokerConnectionRefused(broker.id, now: self.loop.now)
            self.schedule()
        }
    }
}
