import ApusCore
import FileSystem
import KafkaPrimitives

/// The file `partition.metadata` of a partition's folder: which topic of this name it belongs to.
package enum PartitionMetadata {
    package static let name = "partition.metadata"
    private static let bytesMax = 4096

    static func encode(_ topicID: TopicID) -> [UInt8] {
        Array("version: 0\ntopic_id: \(topicID)".utf8)
    }

    /// The topic's id, or nil where there is no file. Throws `corruptFile` where it says something else.
    static func read(folder: String, _ fileSystem: FileSystemPort) throws(LogError) -> TopicID? {
        let path = "\(folder)/\(Self.name)"
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try fileSystem.contents(of: path, maxBytes: Self.bytesMax)
        }
        guard let bytes else { return nil }
        let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let lines = text.split(separator: "\n")
        guard lines.count == 2, lines[0] == "version: 0", lines[1].hasPrefix("topic_id: "),
            let uuid = KafkaUUID(String(lines[1].dropFirst("topic_id: ".count)))
        else { throw LogError(.corruptFile, "\(path) names no topic id") }
        return TopicID(uuid)
    }
}
