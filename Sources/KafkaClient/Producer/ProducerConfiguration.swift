package import ApusCore
package import KafkaRecords

/// How a producer writes; the names are those of Kafka's producer configuration.
package struct ProducerConfiguration: Sendable {
    /// Whose word counts: `acks`.
    package enum Acknowledgement: Int16, Hashable, Sendable, CaseIterable {
        /// Nobody's: a batch counts as stored once it was sent.
        case none = 0
        case leader = 1
        /// All replicas' that are in sync.
        case all = -1
    }

    package var acknowledgement = Acknowledgement.all
    /// No record is stored twice or out of order: `enable.idempotence`. Needs `acks=all`.
    package var isIdempotent = true
    /// A batch is closed at this size in bytes, before compression: `batch.size`.
    package var batchBytesMax = 64 << 10
    /// How long a batch waits to be filled: `linger.ms`.
    package var linger = Interval.zero
    package var compression = CompressionSetting(.none)
    /// Batches in one request together have at most so many bytes, but for one that alone has more:
    /// `max.request.size`.
    package var requestBytesMax = 1 << 20
    /// `max.in.flight.requests.per.connection`; a partition is never in two of them.
    package var requestsInFlightMax = 5
    /// Records that wait or are under way have at most about so many bytes: `buffer.memory`.
    package var bufferedBytesMax = 32 << 20
    /// After so long a batch is given up: `delivery.timeout.ms`.
    package var deliveryTimeout = Interval.seconds(120)
    /// How long a broker waits for other replicas: `request.timeout.ms` of Kafka's producer.
    package var acknowledgementTimeout = Interval.seconds(30)
    /// The wait before a refused batch is sent again: `retry.backoff.ms`.
    package var retryBackoff = Interval.milliseconds(20)

    package init() {}

    /// The same without what contradicts itself.
    ///
    /// - Throws: `invalidArgument`.
    func checked() throws(ClientError) -> ProducerConfiguration {
        if self.isIdempotent, self.acknowledgement != .all {
            throw ClientError(.invalidArgument, "an idempotent producer needs acks=all")
        }
        guard (1...(16 << 20)).contains(self.batchBytesMax), self.requestBytesMax > 0, self.requestsInFlightMax > 0,
            self.bufferedBytesMax >= self.batchBytesMax
        else { throw ClientError(.invalidArgument, "sizes of a producer that do not go together") }
        return self
    }
}
