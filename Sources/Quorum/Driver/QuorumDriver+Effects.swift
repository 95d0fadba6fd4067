import ApusCore
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import LogStorage
import Raft

/// Doing what the machine asks for.
extension QuorumDriver {
    func carryOut(_ effect: RaftEffect) throws(QuorumError) {
        switch effect {
        case .persist(let election): try self.persist(election)
        case .send(let id, let node, let request): self.port.send(self.translator.wire(request), id: id, to: node)
        case .respond(let id, let response): try self.respond(id, response)
        case .truncate(let offset): try self.truncate(to: offset)
        case .appendLeaderChange(let change):
            try self.append(
                MetadataBatchBuilding.batch(
                    control: .leaderChange, MetadataBatchBuilding.value(of: change), at: self.endOffset,
                    epoch: change.epoch, timestamp: self.port.wallClock, scratch: self.scratch))
        case .appendFetchedRecords: try self.appendFetched()
        case .appendSnapshotPiece(let id, let position): try self.appendPiece(of: id, at: position)
        case .installSnapshot(let id): try self.install(id)
        case .becameLeader(let epoch): self.port.leaderChanged(to: self.configuration.raft.local.id, epoch: epoch)
        case .leadershipEstablished(let epoch): self.port.leadershipEstablished(epoch)
        case .resigned(let epoch): self.port.leadershipLost(epoch)
        case .becameFollower(let leader, let epoch): self.port.leaderChanged(to: leader, epoch: epoch)
        case .leaderLost(let epoch): self.port.leaderChanged(to: nil, epoch: epoch)
        case .highWatermarkAdvanced(let offset): try self.apply(upTo: offset)
        case .setTimer(let instant): self.port.setTimer(at: instant)
        case .report(let anomaly): self.port.report(anomaly)
        }
    }

    /// Runs an operation of the log.
    func stored<Result: ~Copyable>(_ body: () throws(LogError) -> Result) throws(QuorumError) -> Result {
        do throws(LogError) {
            return try body()
        } catch {
            throw .storage(error)
        }
    }

    // MARK: The quorum's state

    private func persist(_ election: ElectionState) throws(QuorumError) {
        let state = QuorumState(
            leaderID: election.leaderID ?? .none, leaderEpoch: election.epoch,
            votedID: election.voted?.id ?? .none,
            voters: self.configuration.raft.voters.voters.map(\.id))
        try self.stored { () throws(LogError) in try self.log.write(state) }
    }

    // MARK: Answers

    private func respond(_ id: InboundRequestID, _ response: RaftResponse) throws(QuorumError) {
        guard let inquiry = self.inquiries.removeValue(forKey: id) else {
            preconditionFailure("a request is answered once")
        }
        switch (response, inquiry) {
        case (.fetch(_, let fetched), .fetch(let bytesMax)):
            var payload = RecordsPayload.null
            if case .records(let range) = fetched.content { payload = try self.records(range, bytesMax: bytesMax) }
            self.port.respond(self.translator.wire(response, payload: payload), to: id)
        case (.fetchSnapshot(let header, let piece), .fetchSnapshot(let bytesMax)):
            let (response, payload) = try self.answer(header, piece, bytesMax: bytesMax)
            self.port.respond(self.translator.wire(response, payload: payload), to: id)
        case (.vote, _), (.beginQuorumEpoch, _), (.endQuorumEpoch, _), (.fetch, _), (.fetchSnapshot, _):
            self.port.respond(self.translator.wire(response), to: id)
        }
    }

    /// Records in memory: a later truncation may put others where they are.
    private func records(_ range: Range<Offset>, bytesMax: Int) throws(QuorumError) -> RecordsPayload {
        try self.stored { () throws(LogError) in
            let read = try self.log.log.read(
                from: range.lowerBound, maxBytes: bytesMax, minOneBatch: true, endOffset: range.upperBound)
            return try read.region.map { (region) throws(LogError) in .bytes(try region.contents()) } ?? .null
        }
    }

    private func answer(
        _ header: RaftResponse.Header, _ piece: RaftResponse.SnapshotPiece, bytesMax: Int
    ) throws(QuorumError) -> (RaftResponse, RecordsPayload) {
        guard header.error == .noError else { return (.fetchSnapshot(header, piece), .null) }
        var header = header
        var piece = piece
        let id = SnapshotID(piece.snapshotID)
        guard let size = try self.stored({ () throws(LogError) in try self.log.size(of: id) }) else {
            header.error = .snapshotNotFound
            return (.fetchSnapshot(header, piece), .null)
        }
        guard piece.position < size else {
            header.error = .positionOutOfRange
            return (.fetchSnapshot(header, piece), .null)
        }
        piece.size = size
        let position = piece.position
        let region = try self.stored { () throws(LogError) in
            try self.log.region(of: id, position: position, maxBytes: bytesMax)
        }
        return (.fetchSnapshot(header, piece), region.map { .file($0) } ?? .null)
    }

    // MARK: The log

    /// Appends a batch of this node's own epoch, and tells the machine.
    func append(_ batch: ByteSlice) throws(QuorumError) {
        let result = try self.stored { () throws(LogError) in
            try self.log.log.appendAsFollower(batch, now: self.port.wallClock)
        }
        precondition(result.logEndOffset > result.previousEndOffset)
        self.effects += self.raft.appended(
            [
                RaftNode.AppendedRun(
                    epoch: self.leaderEpoch, baseOffset: result.previousEndOffset, endOffset: result.logEndOffset)
            ], now: self.port.now)
    }

    private func appendFetched() throws(QuorumError) {
        let batches = FetchedBatches(self.payload, epochMax: self.raft.epoch)
        guard batches.range?.lowerBound == self.endOffset else {
            self.effects += self.raft.appendRefused(now: self.port.now)
            return
        }
        do throws(LogError) {
            _ = try self.log.log.appendAsFollower(
                self.payload[0..<batches.byteCount], now: self.port.wallClock)
        } catch {
            guard error.code == .corruptBatch || error.code == .offsetsOutOfOrder else { throw .storage(error) }
            self.effects += self.raft.appendRefused(now: self.port.now)
            return
        }
        precondition(self.log.log.logEndOffset == batches.range?.upperBound)
        self.effects += self.raft.appended(batches.runs, now: self.port.now)
    }

    private func truncate(to offset: Offset) throws(QuorumError) {
        _ = try self.stored { () throws(LogError) in try self.log.log.truncate(to: offset) }
        precondition(self.log.log.logEndOffset == offset, "a truncation falls between batches")
    }

    // MARK: A snapshot that is received

    private func appendPiece(of id: OffsetAndEpoch, at position: Int64) throws(QuorumError) {
        let payload = self.payload
        try self.stored { () throws(LogError) in
            if position == 0 { self.download = try self.log.beginSnapshot(SnapshotID(id)) }
            try self.download?.append(payload)
        }
    }

    private func install(_ id: OffsetAndEpoch) throws(QuorumError) {
        guard let download = self.download.take() else { preconditionFailure("a snapshot is received in pieces") }
        let snapshotID = SnapshotID(id)
        do throws(LogError) {
            try download.finish()
        } catch {
            guard error.code == .corruptFile else { throw .storage(error) }
            self.effects += self.raft.snapshotRefused(now: self.port.now)
            return
        }
        self.log.finished(snapshotID)
        try self.stored { () throws(LogError) in try self.log.install(snapshotID, now: self.port.wallClock) }
        try self.port.load(MetadataSnapshot(id: snapshotID, log: self.log))
        self.appliedOffset = snapshotID.offset
        self.appliedBytes = 0
        self.effects += self.raft.snapshotInstalled(id, now: self.port.now)
    }

    // MARK: What is committed

    /// Tells the port every batch below `offset` that it was not told before.
    ///
    /// Without what cannot be read the node cannot go on: that is read once more, for what a read returns may be wrong
    /// where the file is right.
    private func apply(upTo offset: Offset) throws(QuorumError) {
        var damagedAt = Offset.unknown
        while self.appliedOffset < offset {
            let from = self.appliedOffset
            guard case .bytes(let bytes) = try self.records(from..<offset, bytesMax: QuorumTranslator.bytesMax) else {
                preconditionFailure("what is committed is in the log")
            }
            for batch in RecordBatchSequence(bytes) where batch.header.nextOffset > self.appliedOffset {
                do throws(QuorumError) {
                    self.tell(try MetadataBatch(batch, scratch: self.scratch))
                } catch {
                    guard damagedAt != self.appliedOffset else { throw error }
                    damagedAt = self.appliedOffset
                    break
                }
            }
            precondition(self.appliedOffset > from || damagedAt == from, "what is committed can be read")
        }
    }

    private func tell(_ batch: MetadataBatch) {
        self.appliedOffset = batch.endOffset
        self.appliedTimestamp = batch.appendTimestamp
        self.appliedBytes += Int64(batch.sizeInBytes)
        self.port.committed(batch)
    }
}

extension SnapshotID {
    init(_ id: OffsetAndEpoch) {
        self.init(offset: id.offset, epoch: id.epoch)
    }
}

extension OffsetAndEpoch {
    init(_ id: SnapshotID) {
        self.init(offset: id.offset, epoch: id.epoch)
    }
}
