import ApusCore
import EventLoop
import Replication

/// Clients, disks and faults of the simulation.
extension ClusterSimulation {
    // MARK: - Clients

    /// Appends a few values at some node that believes it leads: now and then a deposed one.
    mutating func produce() {
        let partition = Int.random(in: 0..<self.partitionCount, using: &self.random)
        let leaders = (1..<self.nodes.count).filter { self.nodes[$0].replicas[partition]?.isLeader == true }
        guard let node = leaders.randomElement(using: &self.random) else { return }
        if self.chance(4) {
            let end = self.nodes[node].logs[partition]?.endOffset ?? 0
            let start = self.nodes[node].logs[partition]?.startOffset ?? 0
            let target = Offset(Int64.random(in: start.rawValue...end.rawValue, using: &self.random))
            return self.withNode(node) {
                $0.deleteRecords(before: target, partition: partition, now: $1, output: &$2)
            }
        }
        let values = (0..<Int.random(in: 1...3, using: &self.random)).map { self.nextValue + $0 }
        self.nextValue += values.count
        self.nextWaiter += 1
        let waiter = ProduceWaiterID(rawValue: self.nextWaiter)
        self.waiterNode[waiter.rawValue] = node
        let offset = self.nodes[node].logs[partition]?.endOffset ?? -1
        let epoch = self.nodes[node].replicas[partition]?.leaderEpoch ?? -1
        // Registered first: the completion may come within the call.
        guard self.nodes[node].replicas[partition]?.produceAdmission(requiredAcks: -1) == .noError else { return }
        let records = values.map { MemoryRecord(value: $0, epoch: epoch) }
        self.history.appended(waiter, partition: partition, offset: offset, records: records, node: node)
        self.withNode(node) {
            let result = $0.produce(values, to: partition, waiter: waiter, now: $1, output: &$2)
            precondition(result.error == .noError && result.offset == offset, "admitted, then refused")
        }
    }

    /// Asks the elected leader where the partition ends, as a consumer would.
    mutating func askForEnds() {
        for partition in 0..<self.partitionCount {
            let state = self.controller.partitions[partition]
            guard state.leader != .none, let replica = self.nodes[Int(state.leader.rawValue)].replicas[partition]
            else { continue }
            let decision = replica.listOffsets(
                currentLeaderEpoch: state.leaderEpoch, isolation: .highWatermark, leaderOnly: true,
                lastStableOffset: 0)
            if case .answer(let limit) = decision, !limit.isAwaitingHighWatermark {
                self.history.listed(limit.lastFetchableOffset, partition: partition)
            }
        }
    }

    // MARK: - Disks

    mutating func sync() {
        let node = Int.random(in: 1..<self.nodes.count, using: &self.random)
        for partition in 0..<self.partitionCount where self.chance(60) {
            if let end = self.nodes[node].logs[partition]?.endOffset {
                self.nodes[node].logs[partition]?.syncedOffset = end
            }
        }
        if self.nodes[node].isAlive && self.chance(50) { self.nodes[node].checkpoint() }
    }

    // MARK: - Faults

    mutating func injectFault() {
        let node = Int.random(in: 1..<self.nodes.count, using: &self.random)
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0: self.crash(node, isLossy: false)
        case 1: self.crash(node, isLossy: true)
        case 2, 3: for other in 1..<self.nodes.count { self.restart(other) }
        case 4:
            let other = Int.random(in: 0..<self.nodes.count, using: &self.random)
            self.cut[node][other] = true
            if self.chance(50) { self.cut[other][node] = true }
        case 5:
            for other in self.nodes.indices {
                self.cut[node][other] = true
                self.cut[other][node] = true
            }
        case 6, 7: self.healLinks()
        default:
            let partition = Int.random(in: 0..<self.partitionCount, using: &self.random)
            let state = self.controller.partitions[partition]
            guard let member = state.isr.randomElement(using: &self.random) else { return }
            self.controller.moveLeadership(partition, to: member)
            // Often back at once, so that the old leader's mail finds it leading again.
            if self.chance(50) {
                let pause = Int64.random(in: 1...40, using: &self.random)
                self.events.insert(.move(partition: partition, to: state.leader), at: self.now + .milliseconds(pause))
            }
        }
    }

    /// Stops everything that goes wrong, and starts every node.
    mutating func heal() {
        self.isFaulty = false
        self.healLinks()
        for node in 1..<self.nodes.count { self.restart(node) }
    }

    private mutating func healLinks() {
        for index in self.cut.indices {
            self.cut[index] = Array(repeating: false, count: self.cut.count)
        }
    }

    /// Kills a node. A lossy crash takes part of what was not synced, and is unclean; it is left out while another node
    /// has not recovered from one, for then two in-sync copies might be lost.
    private mutating func crash(_ node: Int, isLossy: Bool) {
        guard self.nodes[node].isAlive else { return }
        let loses = isLossy && (self.damaged == nil || self.damaged == node)
        var cuts: [Offset?] = Array(repeating: nil, count: self.partitionCount)
        if loses {
            for partition in 0..<self.partitionCount {
                guard let log = self.nodes[node].logs[partition] else { continue }
                let kept = max(log.syncedOffset, log.startOffset)
                cuts[partition] = Offset(
                    Int64.random(in: kept.rawValue...log.endOffset.rawValue, using: &self.random))
            }
            self.damaged = node
            self.nodes[node].isCleanStart = false
        } else {
            self.nodes[node].checkpoint()
            // An unclean start that was not registered yet stays one.
            if self.damaged != node { self.nodes[node].isCleanStart = true }
        }
        self.nodes[node].crash(losingFrom: cuts)
        // Often back before its session ends, and before its old mail has arrived.
        if self.chance(50) {
            let pause = Int64.random(in: 1...30, using: &self.random)
            self.events.insert(.restart(node: node), at: self.now + .milliseconds(pause))
        }
        let waiterNode = self.waiterNode
        self.history.abandoned { waiterNode[$0.rawValue] == node }
    }

    mutating func restart(_ node: Int) {
        guard !self.nodes[node].isAlive else { return }
        self.withNode(node) { $0.start(now: $1, output: &$2) }
    }
}
