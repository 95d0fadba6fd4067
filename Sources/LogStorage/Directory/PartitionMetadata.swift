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

    private static let front = "version: 0\ntopic_id: "
    /// Length of an id as text.
    private static let idCount = 22

    /// The topic's id, or nil where there is no file, or one that a power loss has cut. Throws `corruptFile` where it says
    /// something else.
    static func read(folder: String, _ fileSystem: FileSystemPort) throws(LogError) -> TopicID? {
        let path = "\(folder)/\(Self.name)"
        let bytes = try LogError.storage { () throws(FileSystemError) in
            try fileSystem.contents(of: path, maxBytes: Self.bytesMax)
        }
        guard let bytes else { return nil }
        let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let isCut =
            text.utf8.count < Self.front.utf8.count + Self.idCount
            && (text.hasPrefix(Self.front) || Self.front.hasPrefix(text))
        if isCut { return nil }
        let lines = text.split(separator: "\n")
        guard lines.count == 2, text.hasPrefix(Self.front),
            let uuid = KafkaUUID(String(lines[1].dropFirst("topic_id: ".count)))
        else { throw LogError(.corruptFile, "\(path) names no topic id") }
        return TopicID(uuid)
    }
}
