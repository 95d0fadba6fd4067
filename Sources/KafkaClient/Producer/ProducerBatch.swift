package import ApusCore
package import KafkaPrimitives
package import KafkaRecords

/// Records of one partition on their way to its leader.
///
/// Transitions: filling -> sealed (`seal`, at the first attempt) -> sealed anew (`restamp`).
package final class ProducerBatch {
    let began: Instant
    private(set) var recordCount = 0
    /// Bytes before compression, which count against the producer's memory.
    private(set) var bytes = 0
    /// No record is added any more.
    package var isClosed = false
    private var builder: RecordBatchBuilder?
    private(set) var sealed: ByteSlice?
    var attempts = 0
    /// An attempt may have been stored.
    var isUncertain = false

    package init(began: Instant, compression: CompressionSetting, capacity: Int) {
        self.began = began
        var options = RecordBatchBuilder.Options()
        options.compression = compression
        self.builder = RecordBatchBuilder(options, capacity: capacity)
    }

    /// Bytes that a record takes at most besides key and value: lengths, deltas, attributes.
    static let recordOverhead = 32

    package func append(
        timestamp: Timestamp, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [RecordHeader] = []
    ) {
        precondition(self.builder != nil && !self.isClosed, "a batch is filled before it is sent")
        if headers.isEmpty {
            self.builder?.append(timestamp: timestamp, key: key, value: value)
        } else {
            self.builder?.append(
                timestamp: timestamp, key: key.map { ByteSlice(copying: $0) },
                value: value.map { ByteSlice(copying: $0) }, headers: headers)
        }
        self.recordCount += 1
        self.bytes = self.builder?.uncompressedSize ?? 0
    }

    /// The bytes to send, with the producer's identity in them; made on the first call.
    package func seal(_ identity: ProducerIdentity?, scratch: CompressionScratch) throws(RecordError) -> ByteSlice {
        if let sealed = self.sealed { return sealed }
        self.isClosed = true
        guard var builder = self.builder.take() else { preconditionFailure("a batch is sealed once") }
        if let identity {
            builder.setProducer(identity.id, epoch: identity.epoch, baseSequence: identity.nextSequence)
        }
        guard let bytes = try builder.finish(scratch: scratch) else {
            preconditionFailure("a batch without records is not sent")
        }
        self.sealed = bytes
        return bytes
    }

    /// Puts another identity into bytes that no broker has stored.
    package func restamp(_ identity: ProducerIdentity) throws(RecordError) {
        guard let sealed = self.sealed else { return }
        self.sealed = try RecordBatchView(at: sealed).restamped(
            identity.id, epoch: identity.epoch, baseSequence: identity.nextSequence)
    }
}
