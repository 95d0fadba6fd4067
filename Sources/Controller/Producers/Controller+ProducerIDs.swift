import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// How many producer ids a broker is given at a time.
    static let producerIDBlockSize: Int32 = 1000

    /// AllocateProducerIds, key 67, version 0: gives a broker a block of producer ids that nobody was given before.
    package mutating func allocateProducerIDs(
        _ request: AllocateProducerIdsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, AllocateProducerIdsResponse> {
        var response = AllocateProducerIdsResponse()
        do throws(ControllerError) {
            _ = try self.checkBrokerEpoch(request.brokerId, request.brokerEpoch)
        } catch {
            response.errorCode = error.code
            return CommandResult(records: [], response: response)
        }
        let first = self.image.nextProducerID ?? 0
        guard first.rawValue <= Int64.max - Int64(Self.producerIDBlockSize) else {
            response.errorCode = .unknownServerError
            return CommandResult(records: [], response: response)
        }
        var record = ProducerIdsRecord()
        record.brokerId = request.brokerId
        record.brokerEpoch = request.brokerEpoch
        record.nextProducerId = first + Int64(Self.producerIDBlockSize)
        var draft = self.draft(at: context.appendOffset)
        draft.append(.producerIds(record))
        response.producerIdStart = first
        response.producerIdLen = Self.producerIDBlockSize
        return self.finish(draft, response, now: context.now)
    }
}
