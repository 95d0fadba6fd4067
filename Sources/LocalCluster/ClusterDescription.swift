import Foundation

/// The file that lets a later command find a cluster again: `cluster.json`.
struct ClusterDescription: Codable {
    var nodes: Int
    var firstPort: Int
    var clusterID: String
    /// A zone for each node where it is nil.
    var zones: Int?

    init(layout: ClusterLayout) {
        self.nodes = layout.nodeCount
        self.firstPort = layout.firstPort
        self.clusterID = layout.clusterID
        self.zones = layout.zoneCount == layout.nodeCount ? nil : layout.zoneCount
    }

    /// Nil where `json` is not such a file or holds numbers no cluster can have.
    init?(json: Data) {
        do {
            self = try JSONDecoder().decode(ClusterDescription.self, from: json)
        } catch {
            return nil
        }
        guard (1...99).contains(self.nodes), (1...65_000).contains(self.firstPort),
            (1...self.nodes).contains(self.zones ?? 1)
        else { return nil }
    }

    var layout: ClusterLayout {
        ClusterLayout(
            nodeCount: self.nodes, firstPort: self.firstPort, clusterID: self.clusterID, zoneCount: self.zones)
    }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(self)
        }
    }
}
