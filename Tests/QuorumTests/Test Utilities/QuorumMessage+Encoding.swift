import FileSystem
import KafkaPrimitives
import KafkaProtocol
import Quorum

extension QuorumRequest {
    /// What the other end reads when this is written in `version`, or in the newest.
    func reencoded(version: Int16? = nil) throws -> QuorumRequest {
        switch self {
        case .vote(let message): .vote(try Self.copy(message, version))
        case .beginQuorumEpoch(let message): .beginQuorumEpoch(try Self.copy(message, version))
        case .endQuorumEpoch(let message): .endQuorumEpoch(try Self.copy(message, version))
        case .fetch(let message): .fetch(try Self.copy(message, version))
        case .fetchSnapshot(let message): .fetchSnapshot(try Self.copy(message, version))
        }
    }

    private static func copy<Message: KafkaMessage>(_ message: Message, _ version: Int16?) throws -> Message {
        let version = version ?? Message.validVersions.upperBound
        return try Message(decoding: message.encoded(version: version), version: version)
    }
}

extension QuorumResponse {
    /// What the other end reads when this is written in the newest version, pieces of files included.
    func reencoded() throws -> QuorumResponse {
        switch self {
        case .vote(let message): return .vote(try Self.copy(message))
        case .beginQuorumEpoch(let message): return .beginQuorumEpoch(try Self.copy(message))
        case .endQuorumEpoch(let message): return .endQuorumEpoch(try Self.copy(message))
        case .fetch(let message): return .fetch(try Self.copy(message))
        case .fetchSnapshot(var message):
            if case .file(let region)? = message.topics.first?.partitions.first?.unalignedRecords,
                let file = region.owner as? OpenFile
            {
                message.topics[0].partitions[0].unalignedRecords = .bytes(
                    try file.readSlice(at: region.offset, count: region.count))
            }
            return .fetchSnapshot(try Self.copy(message))
        }
    }

    private static func copy<Message: KafkaMessage>(_ message: Message) throws -> Message {
        let version = Message.validVersions.upperBound
        return try Message(decoding: message.encoded(version: version), version: version)
    }
}
