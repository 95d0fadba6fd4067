import ApusCore
import KafkaProtocol
import Networking
import Synchronization

/// Hands out producer ids from blocks that the controller gives, a thousand at a time.
final class ProducerIDBlocks: Sendable {
    typealias Completion = @Sendable (Result<ProducerID, ProducerIDError>) -> Void

    private struct State {
        var next: ProducerID = 0
        var end: ProducerID = 0
        var waiting: [Completion] = []
        var isAsking = false
    }

    private let controller: ControllerChannel
    private let state = Mutex(State())
    private static let timeout = Interval.seconds(5)
    /// More requests than this do not wait for a block; they are told to come again.
    private static let waitingMax = 10_000

    init(controller: ControllerChannel) {
        self.controller = controller
    }

    /// Gives an id that nobody else gets; at once, or when the controller has answered. From any thread.
    func next(brokerID: NodeID, brokerEpoch: BrokerEpoch, completion: @escaping Completion) {
        enum Step { case given(ProducerID), wait, ask, refuse }
        let step = self.state.withLock { state -> Step in
            if state.next < state.end {
                defer { state.next += 1 }
                return .given(state.next)
            }
            guard state.waiting.count < Self.waitingMax else { return .refuse }
            state.waiting.append(completion)
            defer { state.isAsking = true }
            return state.isAsking ? .wait : .ask
        }
        switch step {
        case .given(let id): completion(.success(id))
        case .refuse: completion(.failure(ProducerIDError(code: .coordinatorLoadInProgress)))
        case .wait: break
        case .ask: self.ask(brokerID: brokerID, brokerEpoch: brokerEpoch)
        }
    }

    private func ask(brokerID: NodeID, brokerEpoch: BrokerEpoch) {
        self.controller.perform(timeout: Self.timeout) { channel, retry in
            var request = AllocateProducerIdsRequest()
            request.brokerId = brokerID
            request.brokerEpoch = brokerEpoch
            channel.send(request, timeout: Self.timeout) { result in
                switch result {
                case .success(let response) where response.errorCode == .noError && response.producerIdLen > 0:
                    let isEnough = self.receive(start: response.producerIdStart, count: response.producerIdLen)
                    if !isEnough { self.ask(brokerID: brokerID, brokerEpoch: brokerEpoch) }
                case .success(let response) where response.errorCode == .notController: retry()
                case .failure(.disconnected): retry()
                case .success, .failure: self.fail()
                }
            }
        } expired: {
            self.fail()
        }
    }

    /// Serves those who wait; false where the block was too small for all of them.
    private func receive(start: ProducerID, count: Int32) -> Bool {
        let (given, isEnough) = self.state.withLock { state -> ([(Completion, ProducerID)], Bool) in
            state.next = start
            state.end = start + Int64(count)
            var given: [(Completion, ProducerID)] = []
            let served = min(state.waiting.count, Int(count))
            for completion in state.waiting.prefix(served) {
                given.append((completion, state.next))
                state.next += 1
            }
            state.waiting.removeFirst(served)
            state.isAsking = !state.waiting.isEmpty
            return (given, state.waiting.isEmpty)
        }
        for (completion, id) in given { completion(.success(id)) }
        return isEnough
    }

    /// The node's loops were stopped: lets go of whoever waits.
    func abandon() {
        let waiting = self.state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        withExtendedLifetime(waiting) {}
    }

    private func fail() {
        let waiting = self.state.withLock { state in
            state.isAsking = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for completion in waiting { completion(.failure(ProducerIDError(code: .coordinatorLoadInProgress))) }
    }
}

/// No producer id can be given now.
struct ProducerIDError: Error, Equatable {
    let code: ErrorCode
}
