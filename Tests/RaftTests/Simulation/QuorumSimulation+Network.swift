import ApusCore
import EventLoop
import Raft

/// The network between the simulated processes.
extension QuorumSimulation {
    mutating func transmit(_ request: RaftRequest, _ id: OutboundRequestID, from: Address, to: Int) {
        if self.chance(percent: self.weather.resetPercent) {
            self.events.insert(.failure(to: from, id, .unreachable), at: self.now + self.latency())
            if self.chance(percent: 50) { return }
        }
        for _ in 0..<self.copies() {
            self.events.insert(.request(from: from, to: to, id, request), at: self.now + self.latency())
        }
    }

    mutating func deliver(_ request: RaftRequest, _ id: OutboundRequestID, from: Address, to: Int) throws {
        guard !self.cuts.contains([from.index, to]) else { return }
        guard self.replicas[to].node != nil else {
            if !self.cuts.contains([to, from.index]) {
                self.events.insert(.failure(to: from, id, .unreachable), at: self.now + self.latency())
            }
            return
        }
        let inbound = self.nextInbound
        self.nextInbound += 1
        self.waitingRequests[inbound] = WaitingRequest(
            from: from, id: id, to: self.address(to), request: request)
        try self.step(to) { $0.receive(request, id: inbound, now: $1) }
    }

    mutating func respond(_ id: InboundRequestID, _ response: RaftResponse, _ index: Int) {
        guard let waiting = self.waitingRequests.removeValue(forKey: id) else { return }
        var response = response
        var payload = Payload.none
        switch response {
        case .fetch(let header, var fetched):
            if case .records(let range) = fetched.content {
                let entries = self.replicas[index].log.entries(
                    from: range.lowerBound, atMost: Int.random(in: 1...20, using: &self.random))
                fetched.content = .records(range.lowerBound..<(range.lowerBound + Int64(entries.count)))
                payload = .entries(entries)
            }
            response = .fetch(header, fetched)
        case .fetchSnapshot(var header, var piece):
            if header.error == .noError {
                if let snapshot = self.replicas[index].log.snapshot, snapshot.id == piece.snapshotID {
                    piece.size = Snapshot.size
                    piece.byteCount = min(Snapshot.pieceSize, Snapshot.size - piece.position)
                    payload = .snapshot(snapshot)
                } else {
                    header.error = .snapshotNotFound
                }
            }
            response = .fetchSnapshot(header, piece)
        case .vote, .beginQuorumEpoch, .endQuorumEpoch:
            break
        }
        guard !self.cuts.contains([index, waiting.from.index]) else { return }
        for _ in 0..<self.copies() {
            self.events.insert(
                .response(to: waiting.from, waiting.id, response, payload), at: self.now + self.latency())
        }
    }

    /// The connections to a process that died are closed, which its peers notice unless they are cut off.
    mutating func closeConnections(of index: Int) {
        for (id, waiting) in self.waitingRequests.sorted(by: { $0.key < $1.key }) where waiting.to.index == index {
            self.waitingRequests[id] = nil
            guard !self.cuts.contains([index, waiting.from.index]) else { continue }
            self.events.insert(.failure(to: waiting.from, waiting.id, .unreachable), at: self.now + self.latency())
        }
    }

    private mutating func copies() -> Int {
        if self.chance(percent: self.weather.lossPercent) { return 0 }
        return self.chance(percent: self.weather.duplicatePercent) ? 2 : 1
    }

    private mutating func latency() -> Interval {
        let isSlow = self.chance(percent: self.weather.slowPercent)
        return self.interval(in: isSlow ? self.weather.slowLatency : self.weather.latency)
    }
}
