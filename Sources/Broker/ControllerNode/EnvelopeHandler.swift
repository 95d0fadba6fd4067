import ApusCore
import KafkaPrimitives
import KafkaProtocol

/// Envelope, key 58, version 0: a client's request that a broker passes on to the controller (KIP-590).
///
/// The inner request is served by the same handlers as one that comes directly; its answer, header and all, travels
/// back in the envelope's.
package struct EnvelopeHandler: Sendable {
    private let table: ServedAPITable

    /// - Parameter forwardable: what may be in an envelope.
    package init(forwardable: [ServedAPI]) {
        self.table = ServedAPITable(forwardable)
    }

    package func handle(_ request: Request) throws {
        let message = try request.decode(EnvelopeRequest.self)
        let envelope = Envelope(request)
        do throws(DecodeError) {
            var reader = ByteReader(message.requestData)
            let key = try reader.readInt16()
            let version = try reader.readInt16()
            guard let api = self.table[key], api.versions.contains(version) else {
                envelope.refuse(.unsupportedVersion)
                return
            }
            let correlationID = try reader.readInt32()
            let clientID = try reader.readNullableString(compact: false)
            if APITable.requestHeaderVersion(for: api.key, version: version) >= 2 { try reader.skipTaggedFields() }
            var inner = Request(
                connection: request.connection, slot: request.slot, frame: message.requestData, apiKey: api.key,
                apiVersion: version, correlationID: correlationID, clientID: clientID, body: reader.rest,
                receivedAt: request.receivedAt, metrics: request.metrics)
            inner.envelope = envelope
            self.serve(inner, api, envelope)
        } catch {
            envelope.refuse(.invalidRequest)
        }
    }

    private func serve(_ request: Request, _ api: ServedAPI, _ envelope: Envelope) {
        do {
            try api.handle(request)
        } catch {
            // The inner bytes are the client's: the broker that passed them on must not suffer for them.
            envelope.refuse(.invalidRequest)
        }
    }
}
