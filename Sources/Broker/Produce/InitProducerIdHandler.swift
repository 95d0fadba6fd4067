import ApusCore
import Configuration
import KafkaProtocol

/// InitProducerId, key 22, versions 0-5: a producer id for an idempotent producer.
///
/// 2: flexible. 3: the present id and epoch, of which only transactions make use. Transactions are not served yet: a
/// transactional id is answered with COORDINATOR_NOT_AVAILABLE.
struct InitProducerIdHandler: Sendable {
    let services: BrokerServices

    static let versions: ClosedRange<Int16> = 0...5

    func handle(_ request: Request) throws {
        let message = try request.decode(InitProducerIdRequest.self)
        var refusal = InitProducerIdResponse()
        refusal.producerId = .none
        refusal.producerEpoch = .none
        guard message.transactionalId == nil else {
            refusal.errorCode = message.transactionalId == "" ? .invalidRequest : .coordinatorNotAvailable
            request.respond(refusal)
            return
        }
        self.services.producerIDs.next(
            brokerID: self.services.configuration.nodeID, brokerEpoch: self.services.brokerEpoch
        ) { [refusal] result in
            var response = refusal
            switch result {
            case .success(let id):
                response.producerId = id
                response.producerEpoch = 0
            case .failure(let error):
                response.errorCode = error.code
            }
            request.respond(response)
        }
    }
}
