package import ApusCore
import EventLoop
import KafkaPrimitives
package import KafkaProtocol
import Networking

/// Whom a request is for.
package enum RequestTarget: Hashable, Sendable {
    case anyBroker
    case broker(NodeID)
}

extension ClusterClient {
    /// Asks and waits for the answer, from any thread. A question whose answer was lost is asked again until the time
    /// is up: the request must be one that may be served twice.
    ///
    /// - Throws: `timedOut`, `unsupported`, `malformed` or `closed`.
    package func request<Message: KafkaRequest>(
        _ message: Message, newest: Int16 = Message.validVersions.upperBound, to target: RequestTarget = .anyBroker,
        timeout: Interval = .seconds(30)
    ) async throws(ClientError) -> Message.Response {
        let result: Result<Message.Response, ClientError> = await withCheckedContinuation { continuation in
            let isAccepted = self.loop.execute {
                let deadline = self.loop.now + timeout
                self.ask(message, newest: newest, of: target, deadline: deadline) { continuation.resume(returning: $0) }
            }
            if !isAccepted {
                continuation.resume(returning: .failure(ClientError(.closed, "the client's thread has ended")))
            }
        }
        return try result.get()
    }

    /// The same on the loop.
    package func ask<Message: KafkaRequest>(
        _ message: Message, newest: Int16 = Message.validVersions.upperBound, of target: RequestTarget,
        deadline: Instant, completion: @escaping (Result<Message.Response, ClientError>) -> Void
    ) {
        self.loop.assertInEventLoop()
        switch target {
        case .anyBroker:
            self.questions.ask(
                message, newest: newest, deadline: deadline, attemptTimeout: self.configuration.requestTimeout,
                completion: completion)
        case .broker(let node):
            self.ask(message, newest: newest, broker: node, deadline: deadline, completion: completion)
        }
    }

    private func ask<Message: KafkaRequest>(
        _ message: Message, newest: Int16, broker node: NodeID, deadline: Instant,
        completion: @escaping (Result<Message.Response, ClientError>) -> Void
    ) {
        if self.isClosed { return completion(.failure(ClientError(.closed, "the client was closed"))) }
        guard self.loop.now < deadline else {
            return completion(.failure(ClientError(.timedOut, "broker \(node) does not answer")))
        }
        let again = { [weak self] in
            guard let self else { return completion(.failure(ClientError(.closed, "the client was closed"))) }
            _ = self.loop.schedule(after: .milliseconds(10)) {
                self.ask(message, newest: newest, broker: node, deadline: deadline, completion: completion)
            }
        }
        guard let channel = self.channel(to: node) else {
            if self.metadata.brokers[node] == nil { self.requestRefresh() }
            return again()
        }
        channel.send(message, newest: newest, timeout: self.configuration.requestTimeout) { result in
            switch result {
            case .success(let response): completion(.success(response))
            case .failure(.disconnected): again()
            case .failure(let error): completion(.failure(ClientError(.malformed, "broker \(node): \(error)")))
            }
        }
    }
}
