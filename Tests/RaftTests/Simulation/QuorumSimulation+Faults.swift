import ApusCore
import EventLoop
import Raft

/// What goes wrong, and what clients do meanwhile.
extension QuorumSimulation {
    mutating func crash(_ index: Int, losesPower: Bool) {
        self.replicas[index].node = nil
        self.replicas[index].queue = []
        if losesPower { self.replicas[index].log = self.replicas[index].durableLog }
        self.closeConnections(of: index)
    }

    mutating func crashAndRestart(_ index: Int) {
        self.crash(index, losesPower: self.chance(percent: 70))
        let pause = self.interval(in: .milliseconds(1)...Interval.milliseconds(800))
        self.events.insert(
            .restart(index, incarnation: self.replicas[index].incarnation), at: self.now + pause)
    }

    mutating func fault() throws {
        guard !self.isHealing else { return }
        self.events.insert(.fault, at: self.now + self.interval(in: .milliseconds(20)...Interval.milliseconds(600)))
        let index = Int.random(in: self.replicas.indices, using: &self.random)
        switch Int.random(in: 0..<12, using: &self.random) {
        case 0, 1, 2:
            if self.replicas[index].node != nil { self.crashAndRestart(index) }
        case 3:
            let leader = self.replicas.indices.last { self.replicas[$0].node?.isLeader == true }
            if let leader { self.crashAndRestart(leader) }
        case 4, 5:
            // One way only.
            let other = Int.random(in: self.replicas.indices, using: &self.random)
            if other != index { self.cuts.insert([index, other]) }
        case 6:
            for other in self.replicas.indices where other != index {
                self.cuts.insert([index, other])
                self.cuts.insert([other, index])
            }
        case 7, 8:
            self.cuts.removeAll()
        case 9:
            self.weather = NetworkWeather.foul(&self.random)
        case 10:
            for index in self.replicas.indices where self.replicas[index].node != nil { self.crashAndRestart(index) }
        default:
            try self.step(index) { $0.shutdown(now: $1) }
            let pause = self.interval(in: .milliseconds(1)...Interval.milliseconds(100))
            self.events.insert(.stop(self.address(index)), at: self.now + pause)
            self.events.insert(
                .restart(index, incarnation: self.replicas[index].incarnation), at: self.now + pause + pause)
        }
    }

    mutating func clientAppends() throws {
        self.events.insert(
            .clientAppends, at: self.now + self.interval(in: .milliseconds(1)...Interval.milliseconds(40)))
        for index in self.replicas.indices where self.chance(percent: 70) {
            guard let node = self.replicas[index].node, node.isLeader, node.leaderID == node.configuration.local.id
            else { continue }
            let entries = (0..<Int.random(in: 1...3, using: &self.random)).map { _ in
                self.nextValue += 1
                return Entry(epoch: node.epoch, value: self.nextValue)
            }
            self.append(entries, index)
            try self.step(index) { $0.timerFired(now: $1) }
        }
    }

    mutating func takeSnapshot() throws {
        self.events.insert(
            .snapshotTaken, at: self.now + self.interval(in: .milliseconds(50)...Interval.milliseconds(500)))
        let index = Int.random(in: self.replicas.indices, using: &self.random)
        guard let node = self.replicas[index].node, let highWatermark = node.highWatermark,
            highWatermark > node.snapshotID?.offset ?? 0
        else { return }
        let count = Int(highWatermark.rawValue)
        let entries = Array(self.replicas[index].log.entries[..<count])
        let snapshot = Snapshot(
            id: OffsetAndEpoch(offset: highWatermark, epoch: entries[count - 1].epoch), entries: entries)
        try self.checkSnapshot(snapshot, index)
        self.replicas[index].node?.snapshotCreated(snapshot.id)
        self.replicas[index].log.snapshot = snapshot
        self.replicas[index].durableLog.snapshot = snapshot
        guard self.chance(percent: 60) else { return }
        // A snapshot is durable, so what it replaces may vanish at once, also from what a loss of power leaves.
        self.replicas[index].node?.logStartAdvanced(to: highWatermark)
        self.replicas[index].log.startOffset = highWatermark
        if self.replicas[index].durableLog.endOffset >= highWatermark {
            self.replicas[index].durableLog.startOffset = highWatermark
        } else {
            self.replicas[index].durableLog = StoredLog(
                entries: entries, startOffset: highWatermark, snapshot: snapshot)
        }
    }

    /// Ends all faults: everything runs, and the network is fair.
    mutating func heal() {
        self.isHealing = true
        self.crashPermille = 0
        self.cuts.removeAll()
        self.weather = .fair
        for index in self.replicas.indices {
            if self.replicas[index].node?.isShuttingDown == true { self.crash(index, losesPower: false) }
            if self.replicas[index].node == nil {
                self.events.insert(
                    .restart(index, incarnation: self.replicas[index].incarnation), at: self.now)
            }
        }
    }
}
