import ApusCore
import ClusterMetadata
import Networking
import Synchronization

/// The fetchers of this broker, one for each broker that leads something it follows.
final class FetcherPool: Sendable {
    private struct State {
        var fetchers: [NodeID: Fetcher] = [:]
        /// Who is asked for a partition.
        var leaders: [TopicIDPartition: NodeID] = [:]
        var isStopped = false
    }

    private struct Fetcher {
        let fetcher: ReplicaFetcher
        let endpoint: Endpoint
    }

    private let state = Mutex(State())
    private let services: BrokerServices
    private let network: Network
    private let listener: String
    private let tls: TLSContextSource?

    /// - Parameters:
    ///   - listener: `inter.broker.listener.name`.
    ///   - tls: how to talk to it, where it is secured.
    init(services: BrokerServices, network: Network, listener: String, tls: TLSContextSource?) {
        self.services = services
        self.network = network
        self.listener = listener
        self.tls = tls
    }

    /// Fetches a partition from its leader under a new epoch, and from nobody else.
    func fetch(_ partition: Partition, from leader: NodeID, leaderEpoch: LeaderEpoch, image: MetadataImage) {
        let previous = self.state.withLock { state -> ReplicaFetcher? in
            let previous = state.leaders.updateValue(leader, forKey: partition.id)
            guard let previous, previous != leader else { return nil }
            return state.fetchers[previous]?.fetcher
        }
        previous?.remove(partition.id)
        self.fetcher(for: leader, image: image)?.add(partition, leaderEpoch: leaderEpoch)
    }

    func stopFetching(_ id: TopicIDPartition) {
        let fetcher = self.state.withLock { state in
            state.leaders.removeValue(forKey: id).flatMap { state.fetchers[$0]?.fetcher }
        }
        fetcher?.remove(id)
    }

    /// Brokers registered anew, perhaps elsewhere: a fetcher whose leader has moved is made anew.
    func brokersChanged(_ changed: Set<NodeID>, image: MetadataImage) {
        for leader in changed.sorted() {
            let endpoint = image.brokers[leader]?.endpoint(listener: self.listener)
            let moved = self.state.withLock { state -> ReplicaFetcher? in
                guard let fetcher = state.fetchers[leader], let endpoint, fetcher.endpoint != endpoint else {
                    return nil
                }
                state.fetchers[leader] = nil
                return fetcher.fetcher
            }
            guard let moved else { continue }
            moved.stop()
            let followed = self.state.withLock { state in state.leaders.filter { $0.value == leader }.map(\.key) }
            for id in followed.sorted() {
                guard let partition = self.services.replicas[id] else { continue }
                self.fetcher(for: leader, image: image)?.add(partition, leaderEpoch: partition.leaderEpoch)
            }
        }
    }

    func stop() {
        let fetchers = self.state.withLock { state in
            state.isStopped = true
            return state.fetchers.sorted { $0.key < $1.key }.map(\.value.fetcher)
        }
        for fetcher in fetchers { fetcher.stop() }
    }

    private func fetcher(for leader: NodeID, image: MetadataImage) -> ReplicaFetcher? {
        guard let endpoint = image.brokers[leader]?.endpoint(listener: self.listener) else { return nil }
        return self.state.withLock { state in
            if state.isStopped { return nil }
            if let fetcher = state.fetchers[leader] { return fetcher.fetcher }
            var configuration = OutgoingConfiguration(host: endpoint.host, port: endpoint.port)
            configuration.tls = self.tls
            let loops = self.services.loops.loops
            let fetcher = ReplicaFetcher(
                leader: leader, endpoint: configuration, loop: loops[Int(leader.rawValue) % loops.count],
                network: self.network, services: self.services)
            state.fetchers[leader] = Fetcher(fetcher: fetcher, endpoint: endpoint)
            return fetcher
        }
    }
}
