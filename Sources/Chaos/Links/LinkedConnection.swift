import ApusCore
import CSystem
import EventLoop
import Glibc

/// One connection through the proxy: what comes from one side is passed to the other as the link's condition has it.
/// Only on the loop.
final class LinkedConnection {
    /// One of the two sockets.
    final class Side: ReadinessHandler {
        let descriptor: Int32
        weak var connection: LinkedConnection?
        var registration: Registration?
        /// The socket is dead, and nobody may know it before the link is whole.
        var isBroken = false
        /// The last send took less than it was given.
        var isFull = false

        init(descriptor: Int32) {
            self.descriptor = descriptor
        }

        func descriptorReady(_ readiness: Readiness) {
            self.connection?.ready(self, readiness)
        }
    }

    let from: LinkEnd
    let to: LinkEnd
    private let proxy: LinkProxy
    private let loop: EventLoop
    private let target: LinkAddress
    private let near: Side
    /// The side of the node; nil while the link is cut and was never whole.
    private var far: Side?
    private var isConnecting = false
    private var isClosed = false
    private var forward = LinkPipe()
    private var backward = LinkPipe()
    private var timer: (id: TimerID, at: Instant)?

    init(accepted descriptor: Int32, from: LinkEnd, to: LinkEnd, target: LinkAddress, proxy: LinkProxy) {
        self.near = Side(descriptor: descriptor)
        self.from = from
        self.to = to
        self.target = target
        self.proxy = proxy
        self.loop = proxy.loop
        self.near.connection = self
    }

    private var ahead: LinkCondition { self.proxy.conditions[self.from, self.to] }

    private var back: LinkCondition { self.proxy.conditions[self.to, self.from] }

    /// Begins, or goes on after the link's condition has changed.
    func update() {
        guard !self.isClosed else { return }
        if (self.near.isBroken && !self.ahead.isCut) || (self.far?.isBroken == true && !self.back.isCut) {
            return self.reset()
        }
        if self.far == nil, !self.ahead.isCut, !self.back.isCut { self.connect() }
        self.drive()
    }

    /// Ends the connection as if a box between had forgotten it.
    func reset() {
        self.close(abruptly: true)
    }

    // MARK: The node's side

    private func connect() {
        let descriptor = self.target.makeSocket()
        guard descriptor >= 0 else { return self.reset() }
        let side = Side(descriptor: descriptor)
        side.connection = self
        self.far = side
        _ = apus_no_delay(descriptor)
        self.isConnecting = true
        let result = self.target.connect(descriptor)
        if result < 0, result != -EINPROGRESS { self.failedToConnect() }
    }

    private func failedToConnect() {
        self.proxy.upstreamRefused(self.target)
        self.reset()
    }

    func ready(_ side: Side, _ readiness: Readiness) {
        guard !self.isClosed else { return }
        if self.isConnecting, side === self.far {
            guard apus_socket_error(side.descriptor) >= 0 else { return self.failedToConnect() }
            self.isConnecting = false
        } else if readiness.contains(.broken), side === self.near ? self.ahead.isCut : self.back.isCut {
            // The news that it is dead would have to pass the cut.
            side.isBroken = true
            self.watch(side, [])
            return
        }
        if readiness.contains(.writable) || readiness.contains(.broken) { side.isFull = false }
        self.drive()
    }

    // MARK: Passing on

    private func drive() {
        guard !self.isClosed else { return }
        if let far = self.far, !self.isConnecting {
            guard self.pump(self.near, far, &self.forward, self.ahead),
                self.pump(far, self.near, &self.backward, self.back)
            else { return self.reset() }
            if self.forward.isEndPassedOn, self.backward.isEndPassedOn { return self.close(abruptly: false) }
        }
        self.watchBoth()
        self.scheduleTimer()
    }

    /// Reads from `source`, and passes on what is due. Returns false where a socket has failed.
    private func pump(_ source: Side, _ sink: Side, _ pipe: inout LinkPipe, _ condition: LinkCondition) -> Bool {
        guard !condition.isCut, !source.isBroken, !sink.isBroken else { return true }
        var rounds = 0
        while pipe.hasRoom, !pipe.hasEnded, rounds < 8 {
            rounds += 1
            let buffer = self.proxy.buffer
            guard let start = buffer.baseAddress else { return false }
            let count = apus_receive(source.descriptor, start, buffer.count)
            if count == 0 {
                pipe.hasEnded = true
            } else if count > 0 {
                pipe.append(
                    UnsafeRawBufferPointer(start: start, count: Int(count)), now: self.loop.now,
                    latency: condition.latency)
            } else if count == -Int(EAGAIN) {
                break
            } else {
                return false
            }
        }
        var hasFailed = false
        if !sink.isFull {
            pipe.pass(now: self.loop.now, bytesPerSecond: condition.bytesPerSecond) { bytes in
                guard let start = bytes.baseAddress else { return 0 }
                let sent = apus_send(sink.descriptor, start, bytes.count)
                if sent >= 0 {
                    if sent < bytes.count { sink.isFull = true }
                    return Int(sent)
                }
                if sent == -Int(EAGAIN) { sink.isFull = true } else { hasFailed = true }
                return 0
            }
        }
        if hasFailed { return false }
        if pipe.hasEnded, pipe.isEmpty, !pipe.isEndPassedOn {
            pipe.isEndPassedOn = true
            shutdown(sink.descriptor, Int32(SHUT_WR))
        }
        return true
    }

    // MARK: What is watched

    private func watchBoth() {
        guard let far = self.far else { return self.watch(self.near, []) }
        if self.isConnecting {
            self.watch(self.near, [])
            return self.watch(far, .writable)
        }
        self.watch(self.near, self.interest(self.near, reads: self.forward, self.ahead, writes: self.backward))
        self.watch(far, self.interest(far, reads: self.backward, self.back, writes: self.forward))
    }

    private func interest(
        _ side: Side, reads: LinkPipe, _ condition: LinkCondition, writes: LinkPipe
    ) -> Interest {
        guard !side.isBroken else { return [] }
        var interest: Interest = []
        if !condition.isCut, reads.hasRoom, !reads.hasEnded { interest.insert(.readable) }
        if side.isFull, !writes.isEmpty { interest.insert(.writable) }
        return interest
    }

    /// A descriptor that nothing is expected of is not watched at all: errors would be reported again and again.
    private func watch(_ side: Side, _ interest: Interest) {
        if interest.isEmpty {
            if let registration = side.registration { self.loop.deregister(registration) }
            side.registration = nil
        } else if let registration = side.registration {
            self.loop.setInterest(interest, of: registration)
        } else {
            do {
                side.registration = try self.loop.register(side.descriptor, for: interest, handler: side)
            } catch {
                self.reset()
            }
        }
    }

    private func scheduleTimer() {
        var due: [Instant] = []
        if let at = self.forward.due, !self.ahead.isCut, self.far?.isFull == false { due.append(at) }
        if let at = self.backward.due, !self.back.isCut, !self.near.isFull { due.append(at) }
        guard let next = due.min(), next > self.loop.now else { return }
        if let timer = self.timer {
            if timer.at <= next, timer.at > self.loop.now { return }
            self.loop.cancel(timer.id)
        }
        let id = self.loop.schedule(at: next) { [weak self] in
            self?.timer = nil
            self?.drive()
        }
        self.timer = (id, next)
    }

    private func close(abruptly: Bool) {
        guard !self.isClosed else { return }
        self.isClosed = true
        if let timer = self.timer { self.loop.cancel(timer.id) }
        for side in [self.near, self.far].compactMap(\.self) {
            if let registration = side.registration { self.loop.deregister(registration) }
            side.registration = nil
            if abruptly { _ = apus_linger_none(side.descriptor) }
            _ = apus_close(side.descriptor)
        }
        self.proxy.ended(self)
    }
}
