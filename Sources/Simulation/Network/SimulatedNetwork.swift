package import ApusCore
import Glibc
import Networking

/// The machines of a world and what is between them.
package final class SimulatedNetwork {
    unowned let world: World
    package private(set) var machines: [SimulatedMachine] = []
    private var byName: [String: Int] = [:]
    /// By the number of the sending machine, then of the receiving one.
    private var links: [[LinkConditions]] = []
    private let random: RandomTree
    private var generator: SeededRandom
    private var arrivals = SlotTable<NetworkArrival>()

    /// Bytes of one direction of a connection that may be under way or wait for being received.
    package var window = 256 * 1024
    /// How long a sender goes on sending to a peer that does not answer.
    package var patience = Interval.seconds(10)
    /// How long an end to which nobody speaks any more lives on after that.
    package var probing = Interval.seconds(20)
    /// Of so many pieces that are sent, one arrives in two; 0 for none.
    package var splitOneOf: UInt64 = 16
    /// Between machines of one zone, and of two.
    package var nearLink = LinkConditions(latency: .microseconds(50), jitter: .microseconds(100))
    package var farLink = LinkConditions(latency: .microseconds(500), jitter: .microseconds(500))

    init(world: World, random: RandomTree) {
        self.world = world
        self.random = random
        self.generator = random.generator
    }

    deinit {
        for arrival in self.arrivals.elements { (arrival as? SimulatedStream)?.forget() }
    }

    // MARK: - Machines

    /// Adds a machine, whose clocks are a little off.
    @discardableResult
    package func addMachine(_ name: String, zone: String, clock: HostClock? = nil) -> SimulatedMachine {
        precondition(self.byName[name] == nil, "there is a machine \(name)")
        let index = self.machines.count
        precondition(index < 250, "a network has few machines")
        var random = self.random.branch("clock", UInt64(index)).generator
        let drawn = HostClock(
            drift: Int64.random(in: -200...200, using: &random),
            start: Instant(nanoseconds: Int64.random(in: 1...1_000_000, using: &random) * 1_000_000_000),
            wallStart: Self.epoch + Int64.random(in: -50...50, using: &random))
        let machine = SimulatedMachine(
            name: name, zone: zone, address: "10.0.0.\(index + 1)", index: index, clock: clock ?? drawn)
        self.byName[name] = index
        self.byName[machine.address] = index
        self.machines.append(machine)
        for other in self.machines.dropLast() {
            self.links[other.index].append(other.zone == zone ? self.nearLink : self.farLink)
        }
        self.links.append(self.machines.map { $0.zone == zone ? self.nearLink : self.farLink })
        return machine
    }

    /// 2026-01-01 UTC in milliseconds.
    private static let epoch: Int64 = 1_767_225_600_000

    package func machine(_ name: String) -> SimulatedMachine {
        guard let index = self.byName[name] else { preconditionFailure("there is no machine \(name)") }
        return self.machines[index]
    }

    /// The machines of a zone.
    package func machines(in zone: String) -> [SimulatedMachine] { self.machines.filter { $0.zone == zone } }

    // MARK: - Links

    package func link(from one: SimulatedMachine, to two: SimulatedMachine) -> LinkConditions {
        self.links[one.index][two.index]
    }

    /// Changes one direction between two machines.
    package func changeLink(
        from one: SimulatedMachine, to two: SimulatedMachine, _ change: (inout LinkConditions) -> Void
    ) {
        change(&self.links[one.index][two.index])
    }

    /// Lets nothing pass one way; as many calls of `mend` undo it.
    package func cut(from one: SimulatedMachine, to two: SimulatedMachine) {
        self.links[one.index][two.index].cuts += 1
    }

    package func mend(from one: SimulatedMachine, to two: SimulatedMachine) {
        precondition(self.links[one.index][two.index].isCut, "the link was not cut")
        self.links[one.index][two.index].cuts -= 1
    }

    /// Ends all cuts.
    package func mendAll() {
        for one in self.links.indices { for two in self.links[one].indices { self.links[one][two].cuts = 0 } }
    }

    func canPass(from one: SimulatedMachine, to two: SimulatedMachine) -> Bool {
        two.hasPower && !self.links[one.index][two.index].isCut
    }

    /// What some bytes take, in nanoseconds.
    func delay(from one: SimulatedMachine, to two: SimulatedMachine, count: Int) -> Int64 {
        if one === two { return 5_000 + Int64(self.generator.next() & 0x3fff) }
        let link = self.links[one.index][two.index]
        var delay = link.latency.nanoseconds
        if link.jitter.nanoseconds > 0 {
            delay += Int64(self.generator.next() % UInt64(link.jitter.nanoseconds + 1))
        }
        if link.bandwidth > 0 { delay += Int64(count) * 1_000_000_000 / link.bandwidth }
        return delay
    }

    /// How many of `count` bytes arrive first; all of them as a rule.
    func split(_ count: Int) -> Int {
        guard count > 1, self.splitOneOf > 0, self.generator.next() % self.splitOneOf == 0 else { return count }
        return 1 + Int(self.generator.next() % UInt64(count - 1))
    }

    // MARK: - Faults of connections

    /// The open connections between two machines, oldest first: the end of the one that connected, and the other's.
    private func connections(_ one: SimulatedMachine, _ two: SimulatedMachine?) -> [SimulatedStream] {
        self.arrivals.elements.compactMap { arrival in
            guard let stream = arrival as? SimulatedStream, stream.isOpen, stream.isConnector,
                let other = stream.other
            else { return nil }
            let (near, far) = (stream.host.machine, other.host.machine)
            let concerned =
                two.map { (near === one && far === $0) || (near === $0 && far === one) }
                ?? (near === one || far === one)
            return concerned ? stream : nil
        }
    }

    /// How connections break.
    package enum Break: Hashable, Sendable, CaseIterable {
        /// What is under way is lost, both ends are reset.
        case lost
        /// The connecting end is reset at once; what it sent arrives a while later all the same, behind what it may
        /// have sent again on another connection.
        case late
        /// Nothing passes for a while, then everything does.
        case stalled
    }

    /// Breaks the connections of a machine, to another one or to all.
    ///
    /// - Parameter delay: for what is late or stalled.
    package func breakConnections(
        of one: SimulatedMachine, to two: SimulatedMachine? = nil, _ kind: Break, delay: Interval
    ) {
        for stream in self.connections(one, two) {
            guard let other = stream.other else { continue }
            switch kind {
            case .lost:
                stream.fail(ECONNRESET)
                other.fail(ECONNRESET)
            case .late:
                other.breakLate(after: delay.nanoseconds)
                stream.fail(ECONNRESET)
            case .stalled:
                stream.stall(until: (self.world.now + delay).nanoseconds)
                other.stall(until: (self.world.now + delay).nanoseconds)
            }
        }
    }

    // MARK: - Connections

    func connect(
        from host: SimulatedHost, to name: String, port: UInt16, completion: @escaping ConnectionAttempt.Completion
    ) -> ConnectionAttempt {
        let attempt = ConnectionAttempt(
            from: host, to: self.byName[name].map { self.machines[$0] }, name: name, port: port, network: self,
            completion: completion)
        (attempt.slot, attempt.generation) = self.arrivals.insert(attempt)
        attempt.begin()
        return attempt
    }

    func makeStream(local: SocketAddress, peer: SocketAddress, host: SimulatedHost, isConnector: Bool)
        -> SimulatedStream
    {
        let stream = SimulatedStream(local: local, peer: peer, host: host, isConnector: isConnector, network: self)
        (stream.slot, stream.generation) = self.arrivals.insert(stream)
        return stream
    }

    /// The process of a host has ended: its machine closes what it had open.
    func hostEnded(_ host: SimulatedHost, losingPower: Bool) {
        for port in host.machine.listeners.keys.sorted() { host.machine.listeners[port]?.close() }
        for arrival in self.arrivals.elements {
            if let attempt = arrival as? ConnectionAttempt, attempt.host === host { attempt.cancel() }
            guard let stream = arrival as? SimulatedStream, stream.host === host, !stream.isGone else { continue }
            if losingPower { stream.vanish() } else { stream.close() }
        }
    }

    // MARK: - Events

    func schedule(_ arrival: NetworkArrival, at time: Int64) {
        self.world.queue.push(.delivery, at: time, slot: arrival.slot, generation: arrival.generation)
    }

    func schedule(_ arrival: NetworkArrival, after delay: Int64) {
        self.schedule(arrival, at: self.world.now.nanoseconds + delay)
    }

    func remove(_ arrival: NetworkArrival) {
        self.arrivals.remove(arrival.slot, arrival.generation)
    }

    /// Forgets a connection of which nothing can come any more.
    func retire(_ stream: SimulatedStream) {
        guard let other = stream.other, stream.isDone, other.isDone else { return }
        for end in [stream, other] {
            end.unpair()
            self.remove(end)
        }
    }

    /// Whether something arrived.
    func deliver(_ event: EventQueue.Event) -> Bool {
        guard let arrival = self.arrivals.element(event.slot, event.generation), let news = arrival.arrive() else {
            return false
        }
        self.world.trace.record(
            Trace.Entry(
                time: self.world.now, kind: .delivery, host: news.host, subject: event.slot, amount: news.amount))
        return true
    }
}
