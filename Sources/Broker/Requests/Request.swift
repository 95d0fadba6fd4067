package import ApusCore
package import KafkaPrimitives
package import KafkaProtocol
package import Networking

/// One request of a client or a peer: its header, the rest of its frame, and where the answer goes.
///
/// A handler answers exactly once: with `respond`, or with `finishWithoutResponse` where the protocol has no answer
/// (acks=0), or by closing the connection. It may do so later and from any thread; answers leave the connection in
/// the order of the requests all the same.
package struct Request: Sendable {
    /// The connection the request came on; for one in an envelope, the connection of the broker that passed it on.
    package let connection: Connection
    let slot: ResponseSlot
    /// The whole frame, header included.
    private(set) var frame: ByteSlice
    package let apiKey: APIKey
    package let apiVersion: Int16
    package let correlationID: Int32
    /// The client's name for itself, nil where it sent null.
    package let clientID: String?
    /// The frame behind the header.
    package private(set) var body: ByteSlice
    /// When the last byte of the frame was read.
    package let receivedAt: Instant
    let metrics: RequestMetrics
    /// Set for a request that a broker passed on: the answer goes into the answer of this one.
    var envelope: Envelope?
    /// Where its times are noted; nil for a request in an envelope, whose times are those of the envelope's.
    var times: RequestTimes?

    /// The body as the message it is said to be. Bytes behind it are ignored, as Kafka does: librdkafka leaves three
    /// zero bytes behind a flexible Metadata request for all topics.
    ///
    /// - Throws: `DecodeError` for bytes that are not that message; the connection is closed then.
    func decode<Message: KafkaRequest>(_: Message.Type) throws(DecodeError) -> Message {
        var reader = ByteReader(self.body)
        return try Message(from: &reader, version: self.apiVersion)
    }

    /// The same request without its bytes, for a wait: the buffer that holds them is lent to others meanwhile.
    func withoutBytes() -> Request {
        var request = self
        request.frame = .empty
        request.body = .empty
        return request
    }

    /// Sends `response`, encoded in the request's own version.
    package func respond(_ response: some KafkaMessage) {
        self.respond(encodedBy: { response.encode(into: &$0, version: self.apiVersion) })
    }

    /// Sends `response`, encoded in the request's own version, and counts the errors in it.
    func respond(_ response: some KafkaMessage & ErrorReporting) {
        response.reportErrors { self.metrics.failed(self.apiKey, $0) }
        self.respond(encodedBy: { response.encode(into: &$0, version: self.apiVersion) })
    }

    /// Sends a response whose body `encode` writes behind the header.
    package func respond(encodedBy encode: (inout ByteWriter) -> Void) {
        var writer = ByteWriter(capacity: 512)
        writer.writeInt32(self.correlationID)
        if APITable.responseHeaderVersion(for: self.apiKey, version: self.apiVersion) >= 1 {
            writer.writeUnsignedVarint(0)
        }
        encode(&writer)
        self.metrics.answered(self, size: writer.totalCount)
        if let envelope = self.envelope {
            envelope.answer(writer.finish())
        } else {
            self.connection.respond(self.slot, writer)
        }
    }

    /// Sends bytes that hold the response's header and body already.
    func respond(frame: ByteSlice) {
        var writer = ByteWriter(capacity: frame.count)
        writer.writeRaw(frame)
        self.metrics.answered(self, size: frame.count)
        self.connection.respond(self.slot, writer)
    }

    /// Marks the request as served where the protocol has no answer.
    package func finishWithoutResponse() {
        self.metrics.finishedWithoutAnswer(self)
        self.connection.skipResponse(self.slot)
    }
}

/// The request in which another one came, and through whose answer the inner one is answered (KIP-590).
final class Envelope: Sendable {
    private let outer: Request

    init(_ outer: Request) {
        self.outer = outer
    }

    func answer(_ innerFrame: ByteSlice) {
        var response = EnvelopeResponse()
        response.responseData = innerFrame
        self.outer.respond(response)
    }

    func refuse(_ error: ErrorCode) {
        var response = EnvelopeResponse()
        response.errorCode = error
        self.outer.respond(response)
    }
}
