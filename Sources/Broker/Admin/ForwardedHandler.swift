import ApusCore
import KafkaPrimitives
import KafkaProtocol
import KafkaStoredMessages
import Networking

/// Requests that only the controller may serve: the broker wraps them into an Envelope (key 58) with the client's name
/// and address, and passes the answer back as it came (KIP-590).
struct ForwardedHandler: Sendable {
    let services: BrokerServices

    /// How long a request waits for a controller: Kafka's `request.timeout.ms` of the broker.
    private static let timeout = Interval.seconds(30)

    func handle(_ request: Request) throws {
        let wrapped = Self.envelope(request)
        self.services.controller.perform(timeout: Self.timeout) { channel, retry in
            channel.send(wrapped, timeout: Self.timeout) { result in
                switch result {
                case .success(let response) where response.errorCode == .notController:
                    retry()
                case .success(let response):
                    Self.pass(response, to: request)
                case .failure(.disconnected):
                    retry()
                case .failure(let error):
                    request.connection.close(.requested("forwarding \(request.apiKey) failed: \(error)"))
                }
            }
        } expired: {
            request.connection.close(.requested("no controller has answered \(request.apiKey) in time"))
        }
    }

    private static func envelope(_ request: Request) -> EnvelopeRequest {
        var principal = DefaultPrincipalData()
        principal.type = "User"
        principal.name = request.connection.principal.name
        var writer = ByteWriter(capacity: 32)
        writer.writeInt16(0)
        principal.encode(into: &writer, version: 0)
        var envelope = EnvelopeRequest()
        envelope.requestData = request.frame
        envelope.requestPrincipal = writer.finish()
        envelope.clientHostAddress = ByteSlice(request.connection.peer.addressBytes)
        return envelope
    }

    private static func pass(_ response: EnvelopeResponse, to request: Request) {
        guard response.errorCode == .noError, let data = response.responseData else {
            request.connection.close(
                .requested("the controller refused \(request.apiKey): \(response.errorCode)"))
            return
        }
        request.respond(frame: data)
    }
}
