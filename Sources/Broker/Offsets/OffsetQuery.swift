import ApusCore
import KafkaRecords
import LogStorage
import Replication

/// What a client asks of one partition by time.
struct OffsetQuery: Sendable {
    var timestamp: Timestamp
    var currentLeaderEpoch: LeaderEpoch?
    var isolation: FetchIsolation
    var leaderOnly: Bool
}

/// Why an offset cannot be told.
struct OffsetQueryError: Error, Equatable {
    let code: ErrorCode
}

extension Partition {
    /// The offset that a query asks for; offset -1 where no record fits. May wait for the disk for a real timestamp.
    func offset(for query: OffsetQuery) -> Result<TimestampedOffset, OffsetQueryError> {
        self.withState { state in
            let decision = state.replica.listOffsets(
                currentLeaderEpoch: query.currentLeaderEpoch, isolation: query.isolation,
                leaderOnly: query.leaderOnly, lastStableOffset: state.lastStableOffset)
            switch decision {
            case .refuse(let error):
                return .failure(OffsetQueryError(code: error))
            case .answer(let limit):
                do {
                    return try state.offset(for: query.timestamp, limit: limit, scratch: CompressionScratch())
                } catch let error as LogError {
                    return .failure(OffsetQueryError(code: LogErrorCodes.code(of: error)))
                } catch {
                    return .failure(OffsetQueryError(code: .corruptMessage))
                }
            }
        }
    }
}

extension Partition {
    /// What a request of version 0 is told: offsets of segments, newest first.
    func segmentOffsets(
        for query: OffsetQuery, now: Timestamp, countMax: Int
    ) -> Result<[Offset], OffsetQueryError> {
        self.withState { state in
            let decision = state.replica.listOffsets(
                currentLeaderEpoch: query.currentLeaderEpoch, isolation: query.isolation,
                leaderOnly: query.leaderOnly, lastStableOffset: state.lastStableOffset)
            switch decision {
            case .refuse(let error):
                return .failure(OffsetQueryError(code: error))
            case .answer(let limit):
                return .success(
                    state.log.segmentOffsets(
                        notNewerThan: query.timestamp, visibleEnd: limit.lastFetchableOffset, now: now,
                        countMax: countMax))
            }
        }
    }
}

extension Partition.State {
    fileprivate func offset(
        for timestamp: Timestamp, limit: ListOffsetsLimit, scratch: CompressionScratch
    ) throws -> Result<TimestampedOffset, OffsetQueryError> {
        let nothing = TimestampedOffset(offset: .unknown, timestamp: .none, leaderEpoch: .unknown)
        switch timestamp {
        case ListOffsetsTimestamp.latest:
            if limit.isAwaitingHighWatermark { return .failure(OffsetQueryError(code: .offsetNotAvailable)) }
            return .success(
                TimestampedOffset(
                    offset: limit.lastFetchableOffset, timestamp: .none, leaderEpoch: limit.leaderEpoch))
        case ListOffsetsTimestamp.earliest, ListOffsetsTimestamp.earliestLocal:
            return .success(self.log.earliestOffset)
        case ListOffsetsTimestamp.latestTiered, ListOffsetsTimestamp.earliestPendingUpload:
            return .success(nothing)
        case ListOffsetsTimestamp.maxTimestamp:
            guard let batch = try self.log.newestBatch(),
                let found = try Self.record(in: batch, scratch, where: { $0.timestamp == batch.maxTimestamp })
            else { return .success(nothing) }
            return .success(self.known(found, limit: limit) ?? nothing)
        default:
            guard timestamp >= 0 else { return .failure(OffsetQueryError(code: .invalidRequest)) }
            if let batch = try self.log.batch(notOlderThan: timestamp),
                let found = try Self.record(in: batch, scratch, where: { $0.timestamp >= timestamp }),
                let answer = self.known(found, limit: limit)
            {
                return .success(answer)
            }
            if limit.isAwaitingHighWatermark { return .failure(OffsetQueryError(code: .offsetNotAvailable)) }
            return .success(nothing)
        }
    }

    /// The record as an answer, unless it lies beyond what the asker may see.
    private func known(_ record: Record, limit: ListOffsetsLimit) -> TimestampedOffset? {
        guard record.offset < limit.lastFetchableOffset else { return nil }
        return TimestampedOffset(
            offset: record.offset, timestamp: record.timestamp,
            leaderEpoch: self.log.epochs.epoch(of: record.offset) ?? .unknown)
    }

    private static func record(
        in batch: PartitionLog.TimedBatch, _ scratch: CompressionScratch, where fits: (Record) -> Bool
    ) throws(RecordError) -> Record? {
        var iterator = try RecordIterator(
            try RecordBatchView(at: batch.bytes), scratch: scratch, limit: TopicRecordRules().decompressedBytesMax)
        while let record = try iterator.next() {
            if record.offset >= batch.minOffset, fits(record) { return record }
        }
        return nil
    }
}
