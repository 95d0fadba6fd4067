package import ApusCore
import ClusterMetadata
package import History

/// What the workloads of a world share: the cluster, the topics, the clients' machines and the history that all write.
package final class Stage {
    package unowned let world: World
    package let cluster: SimulatedCluster
    package let watch: ClusterWatch
    package private(set) var history = ClientHistory()
    package var topics: [StageTopic]
    /// Topics whose deletion was tried: nothing is said about what is left of them.
    package private(set) var doomed: Set<String> = []
    package private(set) var clients: [SimulatedClient] = []
    /// Batches that readers got from a node that did not lead their partition then.
    package private(set) var nearbyReads = 0
    private let random: RandomTree
    private var generator: SeededRandom
    private var processCount: Int32 = 0
    private var valueCount: Int64 = 0

    package init(_ cluster: SimulatedCluster, watch: ClusterWatch, topics: [StageTopic]) {
        self.world = cluster.world
        self.cluster = cluster
        self.watch = watch
        self.topics = topics
        self.random = cluster.world.random.branch("stage")
        self.generator = self.random.generator
    }

    /// Randomness for one purpose.
    package func random(_ purpose: String, _ index: Int = 0) -> SeededRandom {
        self.random.branch(purpose, UInt64(index)).generator
    }

    /// A machine for a client, in some zone of the cluster.
    package func makeClient(_ purpose: String) -> SimulatedClient {
        let zones = self.cluster.shape.zones
        let zone = zones[Int(self.generator.next() % UInt64(zones.count))]
        let machine = self.world.network.addMachine("client-\(self.clients.count + 1)-\(purpose)", zone: zone)
        let client = SimulatedClient(stage: self, machine: machine)
        self.clients.append(client)
        return client
    }

    package func makeProcess() -> ProcessID {
        self.processCount += 1
        return ProcessID(self.processCount)
    }

    package func makeValue() -> WrittenValue {
        self.valueCount += 1
        return WrittenValue(self.valueCount)
    }

    package func record(
        _ process: ProcessID, from began: Instant, to ended: Instant? = nil, _ outcome: OperationOutcome,
        _ action: ClientAction
    ) {
        self.history.append(
            ClientOperation(
                process: process, began: began, ended: ended ?? self.world.now, outcome: outcome, action: action))
    }

    /// Unclean elections of the partitions that were watched become part of the history.
    func noteUncleanElections() {
        for id in self.watch.uncleanElections {
            guard let topic = self.watch.memory.metadata.topic(id: id.topicID) else { continue }
            self.history.noteUncleanElection(of: TopicPartition(topic: topic.name, partition: id.partition))
        }
    }

    func noteNearbyRead() { self.nearbyReads += 1 }

    package func doom(_ topic: String) { self.doomed.insert(topic) }

    /// A topic by name, as it was planned or has grown.
    package func topic(_ name: String) -> StageTopic? { self.topics.first { $0.name == name } }

    /// Ends all clients.
    package func close() {
        for client in self.clients { client.end() }
    }
}
