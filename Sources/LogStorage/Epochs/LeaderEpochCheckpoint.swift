import ApusCore
import FileSystem
import KafkaPrimitives

/// The file `leader-epoch-checkpoint` of a partition's folder: one line an epoch, `epoch startOffset`.
enum LeaderEpochCheckpoint {
    static let name = "leader-epoch-checkpoint"
    /// Epochs of a partition fit into this by far.
    private static let bytesMax = 64 * 1024 * 1024

    static func encode(_ cache: LeaderEpochCache) -> [UInt8] {
        CheckpointText.encode(cache.entries.map { "\($0.epoch) \($0.startOffset)" })
    }

    /// The cache in the folder's file; nil where there is none or a power loss has left none that can be read.
    static func read(folder: String, _ fileSystem: FileSystemPort) throws(FileSystemError) -> LeaderEpochCache? {
        guard let bytes = try fileSystem.contents(of: "\(folder)/\(Self.name)", maxBytes: Self.bytesMax),
            !bytes.isEmpty, let lines = CheckpointText.decode(bytes)
        else { return nil }
        var entries: [LeaderEpochCache.Entry] = []
        for line in lines {
            guard line.count == 2, let epoch = Int32(line[0]), let start = Int64(line[1]), epoch >= 0, start >= 0
            else { return nil }
            entries.append(LeaderEpochCache.Entry(epoch: LeaderEpoch(epoch), startOffset: Offset(start)))
        }
        return LeaderEpochCache(entries)
    }
}
