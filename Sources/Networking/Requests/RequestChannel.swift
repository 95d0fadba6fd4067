package import ApusCore
package import EventLoop
package import KafkaPrimitives
package import KafkaProtocol

/// Why a request got no answer.
package enum ChannelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The connection ended first; whether the peer has served the request is unknown.
    case disconnected(CloseReason)
    /// The peer does not serve the API in any version that is known here.
    case unsupported(APIKey)
    /// The answer cannot be read.
    case malformedAnswer(DecodeError)

    package var description: String {
        switch self {
        case .disconnected(let reason): "\(reason)"
        case .unsupported(let key): "the peer does not serve \(key)"
        case .malformedAnswer(let error): "the answer cannot be read: \(error)"
        }
    }
}

/// Is told of a channel's connections. Calls come on the channel's loop.
package protocol RequestChannelObserver: AnyObject {
    /// Connected, and the peer's versions are known: requests may be sent.
    func channelOpened(_ channel: RequestChannel)

    /// The connection ended or could not be made. Requests under way have failed already; the channel connects again
    /// after a while unless it was closed.
    func channelClosed(_ channel: RequestChannel, reason: CloseReason)
}

/// Requests of this node to one other node, over one connection that is made again whenever it is lost.
///
/// Answers come in the order of the requests, so a queue of completions is all the bookkeeping. After each connect the
/// peer is asked for its versions, and every request goes in the newest version that both know. Lives on one loop.
package final class RequestChannel: OutgoingHandler, @unchecked Sendable {
    // Unchecked: everything is touched on the loop only; every entry point asserts that.

    private struct Pending {
        let correlationID: Int32
        let key: APIKey
        let version: Int16
        /// Nil where the request has timed out already.
        let complete: (Result<ByteReader, ChannelError>) -> Void
    }

    package let loop: EventLoop
    package let peer: NodeID
    private let configuration: OutgoingConfiguration
    private let network: Network
    private let clientID: String
    private weak var observer: (any RequestChannelObserver)?
    private var connection: OutgoingConnection?
    private var versions: [APIKey: ClosedRange<Int16>] = [:]
    private var pending: [Pending] = []
    private var nextCorrelationID: Int32 = 0
    private var backoff: ReconnectBackoff
    private var random: SeededRandom
    private var retry: TimerID?
    /// Connected, with versions known.
    package private(set) var isOpen = false
    private var isClosed = false

    package init(
        to peer: NodeID, _ configuration: OutgoingConfiguration, network: Network, loop: EventLoop, clientID: String,
        backoff: ReconnectBackoff, seed: UInt64, observer: any RequestChannelObserver
    ) {
        self.peer = peer
        self.configuration = configuration
        self.network = network
        self.loop = loop
        self.clientID = clientID
        self.backoff = backoff
        self.random = SeededRandom(seed: seed)
        self.observer = observer
    }

    /// Begins to connect.
    package func open() {
        self.loop.assertInEventLoop()
        guard self.connection == nil, !self.isClosed else { return }
        self.retry = nil
        self.connection = OutgoingConnection.connect(
            self.configuration, network: self.network, loop: self.loop, handler: self)
    }

    /// Ends the connection for good; requests under way fail.
    package func close() {
        self.loop.assertInEventLoop()
        self.isClosed = true
        if let retry = self.retry { self.loop.cancel(retry) }
        self.retry = nil
        self.connection?.close(.requested("closed by its owner"))
    }

    /// Ends the present connection, so that the peer cannot serve what was sent; a new one is made.
    package func reset(_ reason: String) {
        self.loop.assertInEventLoop()
        self.connection?.close(.requested(reason))
    }

    /// The newest version of an API that both sides know; nil where there is none, or before the channel is open.
    package func version(of key: APIKey, newest: Int16) -> Int16? {
        guard let range = self.versions[key] else { return nil }
        let version = min(newest, range.upperBound)
        return version >= range.lowerBound ? version : nil
    }

    /// Sends a request; `completion` is called exactly once, on the loop.
    ///
    /// - Parameters:
    ///   - newest: at most this version is used, where not every known one is wanted.
    ///   - bytesExpected: about how large the request is, so that its memory need not grow.
    ///   - timeout: after so long without an answer the connection is given up, so that it fails for certain.
    package func send<Message: KafkaRequest>(
        _ message: Message, newest: Int16 = Message.validVersions.upperBound, bytesExpected: Int = 512,
        timeout: Interval? = nil, completion: @escaping (Result<Message.Response, ChannelError>) -> Void
    ) {
        self.loop.assertInEventLoop()
        guard self.isOpen else {
            completion(.failure(.disconnected(.requested("not connected"))))
            return
        }
        guard let version = self.version(of: Message.apiKey, newest: newest) else {
            completion(.failure(.unsupported(Message.apiKey)))
            return
        }
        self.transmit(
            message, version: version, bytesExpected: bytesExpected, timeout: timeout, completion: completion)
    }

    /// Sends a request that the peer does not answer: a produce request with acks=0.
    ///
    /// - Returns: false where it was not sent, for want of a connection or of a version that both know.
    package func sendUnanswered<Message: KafkaRequest>(
        _ message: Message, newest: Int16 = Message.validVersions.upperBound, bytesExpected: Int = 512
    ) -> Bool {
        self.loop.assertInEventLoop()
        guard self.isOpen, let connection = self.connection,
            let version = self.version(of: Message.apiKey, newest: newest)
        else { return false }
        connection.send(self.frame(message, version: version, bytesExpected: bytesExpected))
        return true
    }

    /// Requests that wait for their answer.
    package var pendingCount: Int { self.pending.count }

    /// Bytes of requests that the connection has not taken yet.
    package var unsentBytes: Int { self.connection?.unsentBytes ?? 0 }

    /// A request's bytes; the id that its answer will have is `nextCorrelationID` then.
    private func frame<Message: KafkaRequest>(
        _ message: Message, version: Int16, bytesExpected: Int
    ) -> ByteWriter {
        self.nextCorrelationID = self.nextCorrelationID &+ 1
        var writer = ByteWriter(capacity: bytesExpected)
        writer.writeInt16(Message.apiKey.rawValue)
        writer.writeInt16(version)
        writer.writeInt32(self.nextCorrelationID)
        writer.writeString(self.clientID, compact: false)
        if APITable.requestHeaderVersion(for: Message.apiKey, version: version) >= 2 { writer.writeUnsignedVarint(0) }
        message.encode(into: &writer, version: version)
        return writer
    }

    private func transmit<Message: KafkaRequest>(
        _ message: Message, version: Int16, bytesExpected: Int = 512, timeout: Interval?,
        completion: @escaping (Result<Message.Response, ChannelError>) -> Void
    ) {
        let frame = self.frame(message, version: version, bytesExpected: bytesExpected)
        let correlationID = self.nextCorrelationID
        let timer = timeout.map { interval in
            self.loop.schedule(after: interval) { [weak self] in
                self?.reset("no answer to \(Message.apiKey) within \(interval.milliseconds) ms")
            }
        }
        self.pending.append(
            Pending(correlationID: correlationID, key: Message.apiKey, version: version) { [loop] result in
                if let timer { loop.cancel(timer) }
                completion(result.flatMap { Self.decode(Message.Response.self, from: $0, version: version) })
            })
        self.connection?.send(frame)
    }

    private static func decode<Message: KafkaMessage>(
        _: Message.Type, from body: ByteReader, version: Int16
    ) -> Result<Message, ChannelError> {
        var reader = body
        return Result { () throws(DecodeError) in try Message(from: &reader, version: version) }
            .mapError { .malformedAnswer($0) }
    }
}

// MARK: What the connection reports

extension RequestChannel {
    package func connectionOpened(_ connection: OutgoingConnection) {
        var query = ApiVersionsRequest()
        query.clientSoftwareName = "apus"
        query.clientSoftwareVersion = ApusVersion.current
        self.transmit(query, version: 4, timeout: self.configuration.connectMax) { [weak self] result in
            self?.learned(result)
        }
    }

    private func learned(_ result: Result<ApiVersionsResponse, ChannelError>) {
        switch result {
        case .failure(.disconnected):
            return
        case .failure(let error):
            self.reset("cannot learn the peer's versions: \(error)")
        case .success(let response) where response.errorCode != .noError:
            self.reset("the peer refuses ApiVersions: \(response.errorCode)")
        case .success(let response):
            self.versions = [:]
            for api in response.apiKeys where api.minVersion <= api.maxVersion {
                self.versions[APIKey(rawValue: api.apiKey)] = api.minVersion...api.maxVersion
            }
            self.backoff.connected()
            self.isOpen = true
            self.observer?.channelOpened(self)
        }
    }

    package func receive(_ frame: ByteSlice, on connection: OutgoingConnection) {
        guard !self.pending.isEmpty else {
            self.reset("an answer to no request")
            return
        }
        let pending = self.pending.removeFirst()
        var reader = ByteReader(frame)
        do throws(DecodeError) {
            let correlationID = try reader.readInt32()
            guard correlationID == pending.correlationID else { throw reader.failure(.invalidLength) }
            if APITable.responseHeaderVersion(for: pending.key, version: pending.version) >= 1 {
                try reader.skipTaggedFields()
            }
        } catch {
            pending.complete(.failure(.malformedAnswer(error)))
            self.reset("an answer that does not belong to its request")
            return
        }
        pending.complete(.success(reader))
    }

    package func connectionClosed(_ connection: OutgoingConnection, reason: CloseReason) {
        self.connection = nil
        self.isOpen = false
        let failed = self.pending
        self.pending = []
        for pending in failed { pending.complete(.failure(.disconnected(reason))) }
        if !self.isClosed {
            let wait = self.backoff.failed(using: &self.random)
            self.retry = self.loop.schedule(after: wait) { [weak self] in self?.open() }
        }
        self.observer?.channelClosed(self, reason: reason)
    }
}
