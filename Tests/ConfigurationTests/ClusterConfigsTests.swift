import ApusCore
import Configuration
import Foundation
import Testing

@Suite("Ready clusters")
struct ClusterConfigsTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("cluster-configs")

    private static func load(_ cluster: String) throws -> [BrokerConfiguration] {
        let folder = Self.folder.appendingPathComponent(cluster)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.filter { $0.hasSuffix(".properties") }.map { name in
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return try BrokerConfiguration(properties: try PropertyFile.parse(text, file: "\(cluster)/\(name)"))
        }
    }

    private static let zonedClusters = ["three-node", "three-zone", "split-roles"]

    @Test("every folder is a cluster that fits together", arguments: ["single-node"] + Self.zonedClusters)
    func consistency(cluster: String) throws {
        let nodes = try Self.load(cluster)
        #expect(nodes.flatMap(\.warnings) == [])
        #expect(Set(nodes.map(\.nodeID)).count == nodes.count)
        #expect(Set(nodes.map(\.quorum.voters)).count == 1)
        #expect(Set(nodes.flatMap(\.log.directories)).count == nodes.count)
        let ports = nodes.flatMap(\.listeners.listeners).map(\.port)
        #expect(Set(ports).count == ports.count)
        let controllers = nodes.filter { $0.roles.contains(.controller) }
        #expect(controllers.map(\.nodeID) == nodes[0].quorum.voters.map(\.id).sorted())
        for (voter, node) in zip(nodes[0].quorum.voters.sorted { $0.id < $1.id }, controllers) {
            #expect(node.listeners.advertisedController.map(\.port) == [voter.endpoint.port])
        }
    }

    @Test("clusters of three keep min.insync.replicas without a zone", arguments: Self.zonedClusters)
    func zones(cluster: String) throws {
        let brokers = try Self.load(cluster).filter { $0.roles.contains(.broker) }
        #expect(brokers.map(\.rack) == ["zone-1", "zone-2", "zone-3"])
        #expect(brokers.map(\.topicCreation.replicationFactor) == [3, 3, 3])
        #expect(brokers.map(\.topicDefaults.minInsyncReplicas) == [2, 2, 2])
    }

    @Test("no folder is left out")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { !$0.contains(".") }
        #expect(names.sorted() == ["single-node", "split-roles", "three-node", "three-zone"])
    }

    @Test("every node of the cluster with listeners by zone advertises itself to the clients of every zone")
    func listenersByZone() throws {
        let nodes = try Self.load("three-zone")
        for node in nodes {
            #expect(node.listeners.advertised.map(\.name) == ["ZONE_1", "ZONE_2", "ZONE_3", "INTERNAL"])
            #expect(node.replication.selectsReplicaByRack)
        }
    }
}
