package import ApusCore
import SimulatedStorage

/// Carries out a plan on a cluster: each fault strikes at its time where the fault model lets it, and is undone when its
/// time is up. Nodes that ended by themselves are started again, as a supervisor would.
package final class FaultInjector {
    package let cluster: SimulatedCluster
    package let plan: FaultPlan
    /// How often each kind of fault struck.
    package private(set) var counts: [String: Int] = [:]
    /// Nodes that a fault holds down: the supervisor leaves them alone.
    private var heldDown: [NodeID: Int] = [:]
    /// What undoes the faults that last, by a number that grows.
    private var undoing: [Int: () -> Void] = [:]
    private var nextNumber = 0
    private var isHealed = false
    private var random: SeededRandom

    private var world: World { self.cluster.world }
    private var model: FaultModel { self.cluster.faultModel }
    private var network: SimulatedNetwork { self.cluster.world.network }

    /// How often the supervisor looks, and the fault model whether a damaged node has caught up.
    private static let watchInterval = Interval.milliseconds(250)

    package init(_ plan: FaultPlan, cluster: SimulatedCluster) {
        self.plan = plan
        self.cluster = cluster
        self.random = cluster.world.random.branch("faults").generator
    }

    /// Begins the plan now.
    package func begin() {
        for step in self.plan.steps { self.schedule(step) }
        self.watch()
    }

    private func schedule(_ step: FaultStep) {
        self.world.schedule(after: step.time, .fault, label: "\(step.fault) for \(step.lasting.milliseconds) ms") {
            [weak self] in
            self?.strike(step)
        }
    }

    /// Undoes everything that lasts and starts nothing new; the cluster is whole then but for `dead` nodes, which are
    /// killed.
    package func heal(but dead: Set<NodeID> = []) {
        self.isHealed = true
        for number in self.undoing.keys.sorted() { self.undoing.removeValue(forKey: number)?() }
        self.network.mendAll()
        for node in self.cluster.nodes { node.cancelCrash() }
        for node in self.cluster.nodes where dead.contains(node.id) { node.kill() }
        for id in dead { self.heldDown[id, default: 0] += 1 }
        // A log that failed is of no use until its node starts again.
        for node in self.cluster.nodes where node.hasFailedLog { node.kill() }
        self.supervise()
    }

    // MARK: - Striking

    private func strike(_ step: FaultStep) {
        guard !self.isHealed, let undo = self.perform(step.fault, lasting: step.lasting) else { return }
        self.counts[step.fault.name, default: 0] += 1
        self.nextNumber += 1
        let number = self.nextNumber
        self.undoing[number] = undo
        self.world.schedule(after: step.lasting, .fault, label: "end of \(step.fault)") { [weak self] in
            self?.undoing.removeValue(forKey: number)?()
        }
    }

    /// Does it, and tells how to undo it; nil where it may not be done now.
    private func perform(_ fault: Fault, lasting: Interval) -> (() -> Void)? {
        switch fault {
        case .kill, .killWithinWrite, .losePower, .losePowerWithinWrite, .reboot, .killAll, .losePowerEverywhere,
            .losePowerEverywhereWithinWrite, .killZone, .pause, .shutDown, .replaceDisk, .reconfigure:
            self.performOnProcess(fault)
        case .cut, .cutOneWay, .isolate, .deafen, .silence, .cutZone, .slowLinks, .breakConnections:
            self.performOnNetwork(fault, lasting: lasting)
        case .slowDisk, .failReads, .failWrites, .failSynchronizing, .fillDisk, .rot, .flipReads, .slowProcessor,
            .jumpClock:
            self.performOnMachine(fault)
        case .sequence(let sequence):
            self.begin(sequence)
        }
    }

    // MARK: - Sequences

    private func begin(_ sequence: FaultSequence) -> (() -> Void)? {
        guard let cast = FaultSequence.Cast.choose(in: self.cluster, &self.random) else { return nil }
        for step in sequence.steps(cast) { self.schedule(step) }
        return {}
    }

    private func holdDown(_ nodes: [SimulatedNode]) -> () -> Void {
        for node in nodes { self.heldDown[node.id, default: 0] += 1 }
        return { [weak self] in
            guard let self else { return }
            for node in nodes { self.heldDown[node.id, default: 1] -= 1 }
            self.supervise()
        }
    }

    private func performOnProcess(_ fault: Fault) -> (() -> Void)? {
        switch fault {
        case .kill(let id):
            self.cluster.node(id).kill()
            return self.holdDown([self.cluster.node(id)])
        case .killWithinWrite(let id, let operations):
            self.cluster.node(id).crash(afterOperations: operations, losingPower: false)
            return {}
        case .losePower(let id), .reboot(let id):
            let node = self.cluster.node(id)
            guard self.model.mayLosePower(node.shape) else { return nil }
            self.damage(node)
            node.losePower()
            if case .reboot = fault { node.machine.hasPower = true }
            return self.holdDown([node])
        case .losePowerWithinWrite(let id, let operations):
            let node = self.cluster.node(id)
            guard self.model.mayLosePower(node.shape) else { return nil }
            self.damage(node)
            node.crash(afterOperations: operations, losingPower: true)
            return {}
        case .killAll:
            for node in self.cluster.nodes { node.kill() }
            return self.holdDown(self.cluster.nodes)
        case .losePowerEverywhere:
            guard self.model.flushesEachRecord else { return nil }
            for node in self.cluster.nodes { node.losePower() }
            return self.holdDown(self.cluster.nodes)
        case .losePowerEverywhereWithinWrite(let id, let operations):
            return self.losePowerEverywhere(within: self.cluster.node(id), operations)
        case .killZone(let zone):
            let nodes = self.cluster.nodes.filter { $0.shape.zone == zone }
            for node in nodes { node.kill() }
            return self.holdDown(nodes)
        case .pause(let id):
            let node = self.cluster.node(id)
            node.pause()
            return { node.resume() }
        case .shutDown(let id):
            let node = self.cluster.node(id)
            node.shutDown()
            return self.holdDown([node])
        case .replaceDisk(let id):
            let node = self.cluster.node(id)
            guard self.model.mayReplaceDisk(node.shape) else { return nil }
            node.kill()
            // Nothing is left of its copies, flushed or not.
            self.model.damage(id)
            node.replaceDisk()
            return self.holdDown([node])
        case .reconfigure(let id, let key, let value):
            let node = self.cluster.node(id)
            node.kill()
            node.overrides[key] = value
            return self.holdDown([node])
        default:
            preconditionFailure("\(fault) is no fault of a process")
        }
    }

    private func losePowerEverywhere(within node: SimulatedNode, _ operations: Int) -> (() -> Void)? {
        guard self.model.mayLosePowerTogether(node.shape) else { return nil }
        node.crash(afterOperations: operations, losingPower: true) { [weak self] in
            guard let self else { return }
            for other in self.cluster.nodes where other !== node && self.model.mayLosePowerTogether(other.shape) {
                other.losePower()
            }
        }
        return {}
    }

    /// Counts the node among those that lost copies, where it may have.
    private func damage(_ node: SimulatedNode) {
        if node.shape.isBroker, !self.model.flushesEachRecord { self.model.damage(node.id) }
    }

    // MARK: - The network

    private func performOnNetwork(_ fault: Fault, lasting: Interval) -> (() -> Void)? {
        switch fault {
        case .cut(let one, let two): return self.cut([(one, two), (two, one)])
        case .cutOneWay(let one, let two): return self.cut([(one, two)])
        case .isolate(let id):
            return self.cut(self.inbound(id) + self.outbound(id))
        case .deafen(let id): return self.cut(self.inbound(id))
        case .silence(let id): return self.cut(self.outbound(id))
        case .cutZone(let zone):
            let inside = self.network.machines(in: zone)
            let outside = self.network.machines.filter { $0.zone != zone }
            return self.cut(inside.flatMap { one in outside.flatMap { [(one, $0), ($0, one)] } })
        case .slowLinks(let id, let extra):
            let links = self.inbound(id) + self.outbound(id)
            for (one, two) in links {
                self.network.changeLink(from: one, to: two) { $0.latency = $0.latency + extra }
            }
            return { [network] in
                for (one, two) in links {
                    network.changeLink(from: one, to: two) { $0.latency = $0.latency - extra }
                }
            }
        case .breakConnections(let id, let kind):
            self.network.breakConnections(of: self.cluster.node(id).machine, kind, delay: lasting)
            return {}
        default:
            preconditionFailure("\(fault) is no fault of the network")
        }
    }

    private typealias Link = (SimulatedMachine, SimulatedMachine)

    private func others(_ id: NodeID) -> [SimulatedMachine] {
        let machine = self.cluster.node(id).machine
        return self.network.machines.filter { $0 !== machine }
    }

    private func inbound(_ id: NodeID) -> [Link] { self.others(id).map { ($0, self.cluster.node(id).machine) } }

    private func outbound(_ id: NodeID) -> [Link] { self.others(id).map { (self.cluster.node(id).machine, $0) } }

    private func cut(_ pairs: [(NodeID, NodeID)]) -> () -> Void {
        self.cut(pairs.map { (self.cluster.node($0).machine, self.cluster.node($1).machine) })
    }

    private func cut(_ links: [Link]) -> () -> Void {
        for (one, two) in links { self.network.cut(from: one, to: two) }
        return { [network] in
            for (one, two) in links { network.mend(from: one, to: two) }
        }
    }

    // MARK: - Machines

    private func slow(
        _ id: NodeID, _ part: ReferenceWritableKeyPath<SimulatedMachine, Slowdowns>, by factor: Int64
    ) -> () -> Void {
        let machine = self.cluster.node(id).machine
        machine[keyPath: part].begin(factor)
        return { machine[keyPath: part].end(factor) }
    }

    private func performOnMachine(_ fault: Fault) -> (() -> Void)? {
        switch fault {
        case .slowDisk(let id, let factor): return self.slow(id, \.diskSlowdowns, by: factor)
        case .slowProcessor(let id, let factor): return self.slow(id, \.processorSlowdowns, by: factor)
        case .failReads(let id): return self.failDisk(id, .read)
        case .failWrites(let id): return self.failDisk(id, .write)
        case .failSynchronizing(let id): return self.failDisk(id, .synchronize)
        case .fillDisk(let id, let room):
            let node = self.cluster.node(id)
            node.disk.limit(room: room)
            return { [weak self] in
                node.disk.limit(bytes: nil)
                self?.repair(node)
            }
        case .rot(let id): return self.rot(self.cluster.node(id))
        case .flipReads(let id, let interval):
            let node = self.cluster.node(id)
            node.flipReads(oneIn: interval)
            return { node.flipReads(oneIn: nil) }
        case .jumpClock(let id, let milliseconds):
            self.cluster.node(id).machine.clock.wallStart += milliseconds
            return {}
        default:
            preconditionFailure("\(fault) is no fault of a machine")
        }
    }

    private func rot(_ node: SimulatedNode) -> (() -> Void)? {
        guard self.model.mayReplaceDisk(node.shape), !node.isRotten, node.rot() else { return nil }
        self.model.damage(node.id)
        return { [weak self] in
            guard node.isRotten else { return }
            node.kill()
            node.replaceDisk()
            self?.supervise()
        }
    }

    private func failDisk(_ id: NodeID, _ operation: SimulatedNode.DiskOperation) -> () -> Void {
        let node = self.cluster.node(id)
        node.failDisk(operation, true)
        return { [weak self] in
            node.failDisk(operation, false)
            self?.repair(node)
        }
    }

    /// A node whose disk has failed is started again once the disk is well.
    private func repair(_ node: SimulatedNode) {
        if node.hasFailedLog { node.kill() }
        self.supervise()
    }

    // MARK: - Supervision

    private func watch() {
        self.world.schedule(after: Self.watchInterval, .check, label: "supervision") { [weak self] in
            guard let self else { return }
            for id in self.model.damaged.sorted() where self.cluster.hasCaughtUp(id) { self.model.repaired(id) }
            self.supervise()
            self.watch()
        }
    }

    /// Starts what stands still and is not held down.
    private func supervise() {
        for node in self.cluster.nodes where !node.isRunning && self.heldDown[node.id, default: 0] <= 0 {
            node.start()
        }
    }
}
