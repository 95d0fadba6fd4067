package import ApusCore
import KafkaPrimitives

/// Whose a log directory is: the file `meta.properties`, version 1. Source: KIP-631, KIP-858.
package struct MetaProperties: Hashable, Sendable {
    package var clusterID: String
    package var nodeID: NodeID
    /// Tells the directories of one node apart; nil in directories formatted before Kafka 3.7.
    package var directoryID: KafkaUUID?

    static let name = "meta.properties"
    static let bytesMax = 64 * 1024
    private static let version = "1"

    package init(clusterID: String, nodeID: NodeID, directoryID: KafkaUUID?) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
    }

    func encode() -> [UInt8] {
        var text = "#\n"
        if let directoryID = self.directoryID { text += "directory.id=\(directoryID)\n" }
        text += "node.id=\(self.nodeID)\nversion=\(Self.version)\ncluster.id=\(self.clusterID)\n"
        return Array(text.utf8)
    }

    /// Reads the file's lines `key=value`; nil where one of the keys is missing or makes no sense.
    init?(_ bytes: ByteSlice) {
        var values: [Substring: Substring] = [:]
        let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") && !line.hasPrefix("!") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            values[parts[0].trimmingBlanks] = parts[1].trimmingBlanks
        }
        guard values["version"] == Substring(Self.version), let clusterID = values["cluster.id"], !clusterID.isEmpty,
            let node = values["node.id"].flatMap({ Int32($0) })
        else { return nil }
        self.clusterID = String(clusterID)
        self.nodeID = NodeID(node)
        guard let directory = values["directory.id"] else {
            self.directoryID = nil
            return
        }
        guard let directoryID = KafkaUUID(String(directory)) else { return nil }
        self.directoryID = directoryID
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let front = self.drop { $0 == " " || $0 == "\t" }
        guard let last = front.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return front[...last]
    }
}
