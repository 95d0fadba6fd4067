package import ApusCore
import FileSystem
package import KafkaPrimitives
package import KafkaRecords

/// A batch that a leader has checked and is about to append.
package struct LeaderBatch: Sendable {
    /// The header with the time decided and the checksum to match; the log sets base offset and leader epoch, which the
    /// checksum does not cover.
    package var header: RecordBatchHeader
    /// What follows the header in the batch.
    package var records: ByteSlice

    package init(header: RecordBatchHeader, records: ByteSlice) {
        precondition(header.sizeInBytes == RecordBatchHeader.size + records.count)
        self.header = header
        self.records = records
    }
}

/// What became of one batch.
package enum AppendOutcome: Hashable, Sendable {
    /// It lies in the log from `baseOffset` to `lastOffset`, inclusive.
    case appended(baseOffset: Offset, lastOffset: Offset)
    /// An idempotent producer's earlier attempt was appended at these offsets; nothing was written.
    case duplicate(baseOffset: Offset, lastOffset: Offset, timestamp: Timestamp)
    /// The producer's state does not allow it; nothing was written.
    case refused(ErrorCode)
}

/// What an append did.
package struct AppendResult: Hashable, Sendable {
    /// One for each batch, in order; empty for a follower's append.
    package var outcomes: [AppendOutcome]
    /// The end of the log before and after.
    package var previousEndOffset: Offset
    package var logEndOffset: Offset
    /// A segment was closed: `prepareFlush` should be called soon, so that its bytes reach the disk.
    package var rolled: Bool

    package init(outcomes: [AppendOutcome], previousEndOffset: Offset, logEndOffset: Offset, rolled: Bool) {
        self.outcomes = outcomes
        self.previousEndOffset = previousEndOffset
        self.logEndOffset = logEndOffset
        self.rolled = rolled
    }
}

extension PartitionLog {
    /// Appends batches of clients or of a coordinator, with one write into the page cache where no segment is rolled
    /// between them.
    ///
    /// When it returns, the batches are in the page cache and may be read. They survive `kill -9`. They survive a power
    /// loss once a flush prepared later has been completed. When it throws `storage`, any prefix of them may be in the
    /// file, and the recovery at the next opening decides. `transactionVersion` is that of the coordinator's feature, and
    /// matters for its markers only. Throws `batchTooLarge`, with nothing appended, for a batch
    /// that no segment takes.
    package func appendAsLeader(
        _ batches: [LeaderBatch], leaderEpoch: LeaderEpoch, origin: AppendOrigin = .client,
        transactionVersion: Int16 = 0, now: Timestamp
    ) throws(LogError) -> AppendResult {
        for batch in batches where batch.header.sizeInBytes > self.configuration.segmentBytes {
            throw LogError(.batchTooLarge, "a batch of \(batch.header.sizeInBytes) bytes exceeds segment.bytes")
        }
        return try self.changing { () throws(LogError) in
            let needed = batches.count * RecordBatchHeader.size
            if self.headers.capacity < needed { self.headers = ByteStorage(capacity: needed) }
            var result = AppendResult(
                outcomes: [], previousEndOffset: self.logEndOffset, logEndOffset: self.logEndOffset, rolled: false)
            result.outcomes.reserveCapacity(batches.count)
            var start = self.active.size
            for (index, batch) in batches.enumerated() {
                var header = batch.header
                header.baseOffset = result.logEndOffset
                header.leaderEpoch = leaderEpoch
                if let outcome = self.producers.obstacle(
                    to: header, records: batch.records, origin: origin, transactionVersion: transactionVersion)
                {
                    result.outcomes.append(outcome)
                    continue
                }
                if try self.active.mustRoll(
                    before: header, size: header.sizeInBytes, now: now, configuration: self.configuration)
                {
                    try self.writeGathered(at: start)
                    try self.roll(at: header.baseOffset, now: now)
                    start = 0
                    result.rolled = true
                }
                let place = self.headers.base + index * RecordBatchHeader.size
                header.write(to: place)
                self.gathered.append(UnsafeRawBufferPointer(start: place, count: RecordBatchHeader.size))
                self.gathered.append(batch.records)
                try self.note(header, records: batch.records, now: now)
                result.logEndOffset = header.nextOffset
                result.outcomes.append(.appended(baseOffset: header.baseOffset, lastOffset: header.lastOffset))
            }
            try withExtendedLifetime(batches) { () throws(LogError) in try self.writeGathered(at: start) }
            self.advance(to: result.logEndOffset)
            return result
        }
    }

    /// Appends what a leader sent: whole batches with their offsets and epochs, written as they are. Bytes of a batch
    /// that is cut at the end are ignored.
    ///
    /// Durability as for `appendAsLeader`. Throws `corruptBatch` or `offsetsOutOfOrder`, with nothing appended, where
    /// lengths, checksums or offsets are wrong.
    package func appendAsFollower(_ bytes: ByteSlice, now: Timestamp) throws(LogError) -> AppendResult {
        let count = try self.checkReplicated(bytes)
        return try self.changing { () throws(LogError) in
            var result = AppendResult(
                outcomes: [], previousEndOffset: self.logEndOffset, logEndOffset: self.logEndOffset, rolled: false)
            var start = self.active.size
            // The first byte that is not gathered yet.
            var pending = 0
            var position = 0
            while position < count {
                let header = RecordBatchHeader(reading: bytes.pointer + position)
                if try self.active.mustRoll(
                    before: header, size: header.sizeInBytes, now: now, configuration: self.configuration)
                {
                    self.gathered.append(bytes[pending..<position])
                    try self.writeGathered(at: start)
                    // A gap before the batch, which compaction has left, belongs to the new segment where it fits.
                    let isNear = header.lastOffset - result.logEndOffset <= Int64(Int32.max)
                    try self.roll(at: isNear ? result.logEndOffset : header.baseOffset, now: now)
                    start = 0
                    pending = position
                    result.rolled = true
                }
                let end = position + header.sizeInBytes
                try self.note(
                    header, records: bytes[position + RecordBatchHeader.size..<end], now: now)
                result.logEndOffset = header.nextOffset
                position = end
            }
            self.gathered.append(bytes[pending..<count])
            try withExtendedLifetime(bytes) { () throws(LogError) in try self.writeGathered(at: start) }
            self.advance(to: result.logEndOffset)
            return result
        }
    }

    /// Checks all whole batches and returns how many bytes they take.
    private func checkReplicated(_ bytes: ByteSlice) throws(LogError) -> Int {
        var scanner = LogEntryScanner(bytes)
        var expected = self.logEndOffset
        do {
            while case .batch(let batch)? = try scanner.next() {
                let header = batch.header
                guard header.baseOffset >= expected, header.lastOffset >= header.baseOffset else {
                    throw LogError(
                        .offsetsOutOfOrder, "batch at \(header.baseOffset) where the log ends at \(expected)")
                }
                guard batch.hasValidChecksum else {
                    throw LogError(.corruptBatch, "wrong checksum of the batch at \(header.baseOffset)")
                }
                // A marker that cannot be read must be found before anything is appended.
                if header.isControl { _ = try TransactionEnd(header: header, records: batch.records) }
                expected = header.nextOffset
            }
        } catch let error as LogError {
            throw error
        } catch {
            throw LogError(.corruptBatch, "\(error)")
        }
        return scanner.position
    }

    /// Notes a batch that is about to be written at the end of the active segment.
    private func note(_ header: RecordBatchHeader, records: ByteSlice, now: Timestamp) throws(LogError) {
        if header.leaderEpoch >= 0, header.leaderEpoch > self.epochs.latest ?? .unknown {
            try self.assignEpoch(header.leaderEpoch, at: header.baseOffset)
        }
        try self.producers.append(header, records: records, to: self.active)
        try LogError.storage { () throws(FileSystemError) in
            try self.active.appended(header, configuration: self.configuration)
        }
    }

    /// Writes what is gathered at `position` of the active segment's file.
    private func writeGathered(at position: Int) throws(LogError) {
        defer { self.gathered.removeAll() }
        guard self.gathered.count > 0 else { return }
        precondition(position + self.gathered.count == self.active.size, "what is noted is what is written")
        let file = try self.active.openFile()
        try LogError.storage { () throws(FileSystemError) in
            try file.write(self.gathered, at: Int64(position))
        }
    }

    private func advance(to endOffset: Offset) {
        precondition(endOffset >= self.logEndOffset)
        self.unflushedRecords += endOffset - self.logEndOffset
        self.logEndOffset = endOffset
        self.producers.table.advance(to: endOffset)
    }

    /// Notes that `epoch` begins at the end of the log: called when a replica becomes leader.
    ///
    /// When it returns, the file of epochs is replaced in the page cache; it survives a power loss with the next flush.
    package func assignEpochAtEnd(_ epoch: LeaderEpoch) throws(LogError) {
        try self.changing { () throws(LogError) in try self.assignEpoch(epoch, at: self.logEndOffset) }
    }

    func assignEpoch(_ epoch: LeaderEpoch, at offset: Offset) throws(LogError) {
        if self.epochs.assign(epoch, at: offset) { try self.writeEpochs() }
    }

    /// Replaces the file of epochs, in the page cache only.
    func writeEpochs() throws(LogError) {
        self.areEpochsChanged = true
        self.isFolderChanged = true
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.replaceContents(
                of: "\(self.folder)/\(LeaderEpochCheckpoint.name)", with: LeaderEpochCheckpoint.encode(self.epochs),
                durable: false)
        }
    }

    /// Closes the active segment and begins one at `offset`.
    ///
    /// When it returns, both are in the page cache; a flush prepared later makes them durable.
    func roll(at offset: Offset, now: Timestamp) throws(LogError) {
        precondition(offset >= self.logEndOffset && offset > self.active.baseOffset)
        try LogError.storage { () throws(FileSystemError) in
            try self.active.close()
            try self.producers.writeSnapshot(at: offset, folder: self.folder, self.fileSystem)
        }
        try self.beginSegment(at: offset, now: now)
    }

    /// Makes an empty segment the active one.
    func beginSegment(at offset: Offset, now: Timestamp) throws(LogError) {
        let segment = LogSegment.new(
            folder: self.folder, baseOffset: offset, configuration: self.configuration, now: now,
            random: &self.random, cache: self.cache)
        self.isFolderChanged = true
        _ = try LogError.storage { () throws(FileSystemError) in try segment.log.create() }
        self.segments.append(segment)
    }
}
