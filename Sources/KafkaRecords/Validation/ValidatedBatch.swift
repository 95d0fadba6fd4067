package import ApusCore
import KafkaPrimitives

/// A batch that may be appended, and how its header is to be changed in doing so.
package struct ValidatedBatch: Sendable {
    package let batch: RecordBatchView
    /// What becomes of the batch's time.
    package let time: HeaderPatch.Time

    package init(batch: RecordBatchView, time: HeaderPatch.Time) {
        self.batch = batch
        self.time = time
    }

    /// The latest time in the batch as it will be stored, for the time index.
    package var maxTimestamp: Timestamp {
        switch self.time {
        case .unchanged: self.batch.header.maxTimestamp
        case .createTime(let max): max
        case .logAppendTime(let now): now
        }
    }

    /// The changes for an append at `baseOffset`.
    package func patch(baseOffset: Offset, leaderEpoch: LeaderEpoch) -> HeaderPatch {
        HeaderPatch(baseOffset: baseOffset, leaderEpoch: leaderEpoch, time: self.time)
    }
}

/// What becomes of a batch that broke no rule.
package enum BatchVerdict: Sendable {
    /// It can be appended as it lies there, under a changed header.
    case append(ValidatedBatch)
    /// The topic stores another compression; append what `BatchRewrite` makes of it.
    case rewrite(BatchRewrite)
}

/// A batch that has to be compressed anew before it is appended.
package struct BatchRewrite: Sendable {
    /// The batch as it came.
    package let original: ValidatedBatch
    package let setting: CompressionSetting
    /// The records of the batch, decompressed.
    let records: ByteSlice
    /// The largest batch that the topic takes, in bytes.
    let messageBytesMax: Int

    /// The batch in the topic's compression. Throws `messageTooLarge` if it has grown past what the topic takes.
    package func run(scratch: CompressionScratch) throws(RecordError) -> ValidatedBatch {
        var header = self.original.batch.header
        header.attributes.setCompression(self.setting.codec)
        let bytes = header.seal(
            over: try scratch.compress(self.records, setting: self.setting, reserved: RecordBatchHeader.size))
        guard bytes.count <= self.messageBytesMax else {
            throw BatchValidator.tooLarge(bytes.count, max: self.messageBytesMax)
        }
        return ValidatedBatch(batch: try RecordBatchView(at: bytes), time: self.original.time)
    }
}
