import ApusCore
import EventLoop
import KafkaProtocol
import Networking
import Quorum
import Raft

/// This node's connections to the voters of the quorum, one each, made when first needed. Lives on the control loop.
final class QuorumPeers: RequestChannelObserver {
    typealias Completion = (Result<QuorumResponse, Failure>) -> Void

    enum Failure: Error {
        /// The peer does not serve the request in a version that says what it means.
        case unsupported
        case failed(RequestFailure)
    }

    private struct Peer {
        let channel: RequestChannel
        /// Requests that wait for the connection.
        var waiting: [(request: QuorumRequest, completion: Completion)] = []
    }

    private let endpoints: [NodeID: OutgoingConfiguration]
    private let network: Network
    private let loop: EventLoop
    private let localID: NodeID
    private let timeout: Interval
    private var peers: [NodeID: Peer] = [:]
    private var isClosed = false

    init(
        endpoints: [NodeID: OutgoingConfiguration], network: Network, loop: EventLoop, localID: NodeID,
        timeout: Interval
    ) {
        self.endpoints = endpoints
        self.network = network
        self.loop = loop
        self.localID = localID
        self.timeout = timeout
    }

    /// Sends a request; `completion` is called exactly once, on the loop.
    func send(_ request: QuorumRequest, to peer: NodeID, completion: @escaping Completion) {
        self.loop.assertInEventLoop()
        guard !self.isClosed, let channel = self.channel(to: peer) else {
            completion(.failure(.failed(.unreachable)))
            return
        }
        if channel.isOpen {
            self.send(request, on: channel, completion)
        } else {
            self.peers[peer]?.waiting.append((request, completion))
        }
    }

    func close() {
        self.isClosed = true
        for id in self.peers.keys.sorted() { self.peers[id]?.channel.close() }
        self.peers = [:]
    }

    private func channel(to peer: NodeID) -> RequestChannel? {
        if let known = self.peers[peer] { return known.channel }
        guard let endpoint = self.endpoints[peer] else { return nil }
        let channel = RequestChannel(
            to: peer, endpoint, network: self.network, loop: self.loop, clientID: "raft-\(self.localID)",
            backoff: ReconnectBackoff(initial: .milliseconds(10), maximum: .milliseconds(200)),
            seed: UInt64(bitPattern: Int64(peer.rawValue &* 31 &+ self.localID.rawValue)), observer: self)
        self.peers[peer] = Peer(channel: channel)
        channel.open()
        return channel
    }

    private func send(_ request: QuorumRequest, on channel: RequestChannel, _ completion: @escaping Completion) {
        guard let version = channel.version(of: request.apiKey, newest: .max), version >= request.versionMin else {
            completion(.failure(.unsupported))
            return
        }
        switch request {
        case .vote(let message): self.send(message, on: channel, completion) { .vote($0) }
        case .beginQuorumEpoch(let message): self.send(message, on: channel, completion) { .beginQuorumEpoch($0) }
        case .endQuorumEpoch(let message): self.send(message, on: channel, completion) { .endQuorumEpoch($0) }
        case .fetch(let message): self.send(message, on: channel, completion) { .fetch($0) }
        case .fetchSnapshot(let message): self.send(message, on: channel, completion) { .fetchSnapshot($0) }
        }
    }

    private func send<Message: KafkaRequest>(
        _ message: Message, on channel: RequestChannel, _ completion: @escaping Completion,
        _ wrap: @escaping (Message.Response) -> QuorumResponse
    ) {
        channel.send(message, timeout: self.timeout) { result in
            switch result {
            case .success(let response): completion(.success(wrap(response)))
            case .failure(.disconnected(let reason)): completion(.failure(.failed(Self.failure(reason))))
            case .failure(.unsupported): completion(.failure(.unsupported))
            case .failure(.malformedAnswer): completion(.failure(.failed(.noAnswer)))
            }
        }
    }

    /// A process that is gone closes its connections and refuses new ones; anything else may be the network's fault.
    private static func failure(_ reason: CloseReason) -> RequestFailure {
        switch reason {
        case .peerClosed, .connectionRefused, .failed: .unreachable
        default: .noAnswer
        }
    }

    func channelOpened(_ channel: RequestChannel) {
        let waiting = self.peers[channel.peer]?.waiting ?? []
        self.peers[channel.peer]?.waiting = []
        for item in waiting { self.send(item.request, on: channel, item.completion) }
    }

    func channelClosed(_ channel: RequestChannel, reason: CloseReason) {
        let waiting = self.peers[channel.peer]?.waiting ?? []
        self.peers[channel.peer]?.waiting = []
        for item in waiting { item.completion(.failure(.failed(Self.failure(reason)))) }
    }
}
