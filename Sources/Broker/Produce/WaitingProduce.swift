import ApusCore
import EventLoop
import KafkaProtocol
import Networking
import Replication

/// A produce request on its way to an answer: some partitions are done, others may wait for their replicas.
///
/// Lives on the data loop of its connection.
final class WaitingProduce {
    private let request: Request
    private let services: BrokerServices
    private let loop: ServingLoop
    private var response: ProduceResponse
    private var acks: Int16 = -1
    private var outstanding = 0
    private var isFilled = false
    private var timer: TimerID?
    /// The partitions that wait, so that a deadline can be brought to their attention.
    private var waiting: [Partition] = []

    /// Where in the response a partition's outcome goes.
    struct Place {
        let topic: Int
        let partition: Int
    }

    /// One partition of the request that waits.
    struct Part {
        let produce: WaitingProduce
        let place: Place

        func completed(_ error: ErrorCode) {
            self.produce.completed(self.place, error)
        }
    }

    /// - Parameter response: has a place for every partition; the outcomes are filled in.
    init(_ request: Request, services: BrokerServices, loop: ServingLoop, response: ProduceResponse) {
        self.request = request.withoutBytes()
        self.services = services
        self.loop = loop
        self.response = response
    }

    /// Registers a partition as waiting, before it is appended to.
    func expect(_ place: Place) -> ProduceWaiterID {
        let confined = self.loop.confined
        let id = ProduceWaiterID(rawValue: confined.nextWaiterNumber())
        confined.produces[id] = Part(produce: self, place: place)
        self.outstanding += 1
        return id
    }

    /// A partition took nothing, and never waited.
    func refused(_ place: Place, _ outcome: ProduceResponse.PartitionProduceResponse) {
        self.response.responses[place.topic].partitionResponses[place.partition] = outcome
    }

    /// Fills in what is known of a partition right after the append. A partition with an error waits no longer.
    func appended(
        _ place: Place, waiter: ProduceWaiterID?, _ outcome: ProduceResponse.PartitionProduceResponse,
        to replica: Partition
    ) {
        self.response.responses[place.topic].partitionResponses[place.partition] = outcome
        guard let waiter else { return }
        if outcome.errorCode != .noError {
            self.loop.confined.produces.removeValue(forKey: waiter)
            self.outstanding -= 1
        } else {
            self.waiting.append(replica)
        }
    }

    /// Every partition was tried; answers if none waits, otherwise sees to it that the deadline is kept.
    func filled(deadline: Instant, acks: Int16) {
        self.isFilled = true
        self.acks = acks
        guard self.outstanding > 0 else {
            self.answer()
            return
        }
        self.timer = self.loop.loop.schedule(at: deadline) { self.expire() }
    }

    private func expire() {
        self.timer = nil
        let confined = self.loop.confined
        for partition in self.waiting {
            partition.tick(now: self.loop.loop.now, effects: &confined.effects)
            self.services.carryOut(&confined.effects, of: partition)
        }
    }

    private func completed(_ place: Place, _ error: ErrorCode) {
        self.outstanding -= 1
        if error != .noError {
            self.response.responses[place.topic].partitionResponses[place.partition].errorCode = error
            self.response.responses[place.topic].partitionResponses[place.partition].baseOffset = .unknown
        }
        if self.outstanding == 0, self.isFilled { self.answer() }
    }

    private func answer() {
        if let timer = self.timer { self.loop.loop.cancel(timer) }
        self.timer = nil
        guard self.acks != 0 else {
            self.answerNothing()
            return
        }
        if self.request.apiVersion >= 10 { self.addEndpoints() }
        self.request.respond(self.response)
    }

    /// With acks=0 there is no answer; an error is told by closing the connection, so that the client asks for the
    /// metadata anew.
    private func answerNothing() {
        self.request.finishWithoutResponse()
        for topic in self.response.responses {
            for partition in topic.partitionResponses where partition.errorCode != .noError {
                self.request.connection.close(
                    .requested("acks=0 and \(topic.name)-\(partition.index) failed with \(partition.errorCode)"))
                return
            }
        }
    }

    private func addEndpoints() {
        let leaders = self.response.responses.flatMap(\.partitionResponses).map(\.currentLeader.leaderId)
            .filter { $0 != .none }
        guard !leaders.isEmpty else { return }
        self.response.nodeEndpoints = self.services.endpoints(
            of: leaders, listener: self.request.connection.listenerName
        ).map { node in
            var endpoint = ProduceResponse.NodeEndpoint()
            endpoint.nodeId = node.id
            endpoint.host = node.host
            endpoint.port = node.port
            endpoint.rack = node.rack
            return endpoint
        }
    }
}
