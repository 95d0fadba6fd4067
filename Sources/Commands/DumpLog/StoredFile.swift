import ApusCore
import FileSystem
import KafkaPrimitives
import LogStorage

/// A file of a log directory, as its name tells.
struct StoredFile {
    enum Kind: String {
        case segment
        case offsetIndex = "offset index"
        case timeIndex = "time index"
        case transactionIndex = "transaction index"
        case producerSnapshot = "producer snapshot"
        case metadataSnapshot = "metadata snapshot"
        case leaderEpochs = "leader epochs"
        case offsetCheckpoint = "offset checkpoint"
        case partitionMetadata = "partition metadata"
        case metaProperties = "log directory identity"
        case quorumState = "quorum state"
        case cleanShutdown = "clean shutdown mark"
    }

    var path: String
    var kind: Kind
    /// The offset in the name; nil where it has none.
    var offset: Offset?

    private static let wholeNames: [String: Kind] = [
        "leader-epoch-checkpoint": .leaderEpochs, "quorum-state": .quorumState,
        "partition.metadata": .partitionMetadata, "meta.properties": .metaProperties,
        ".kafka_cleanshutdown": .cleanShutdown, "cleaner-offset-checkpoint": .offsetCheckpoint,
    ]

    /// What is at `path`; nil where nothing is known by that name.
    init?(_ path: String) {
        self.path = path
        let name = Self.name(path)
        if let segment = SegmentFileName.parse(name) {
            self.offset = segment.offset
            self.kind =
                switch segment.kind {
                case .log: .segment
                case .offsetIndex: .offsetIndex
                case .timeIndex: .timeIndex
                case .transactionIndex: .transactionIndex
                case .producerSnapshot: .producerSnapshot
                }
        } else if let kind = Self.wholeNames[name] {
            self.kind = kind
        } else if OffsetCheckpoint(rawValue: name) != nil {
            self.kind = .offsetCheckpoint
        } else if name.hasSuffix(".checkpoint") {
            self.kind = .metadataSnapshot
        } else if name.hasSuffix(".log") {
            // A copy under another name.
            self.kind = .segment
        } else {
            return nil
        }
    }

    /// True in the folder of the metadata log, and for its snapshots.
    var isMetadata: Bool {
        self.kind == .metadataSnapshot || Self.name(FileSystemPort.parent(of: self.path)) == "__cluster_metadata-0"
    }

    /// The segment that an index belongs to.
    var segmentPath: String? {
        self.offset.map { "\(FileSystemPort.parent(of: self.path))/\(SegmentFileName.name($0, .log))" }
    }

    /// The last part of the path, without what marks a file that is to be removed or put in place.
    private static func name(_ path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? ""
        for suffix in [SegmentFileName.deletedSuffix, SegmentFileName.cleanedSuffix, SegmentFileName.swapSuffix]
        where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        return name
    }
}

extension FileSystemPort {
    /// More than any file but a segment has.
    private static let wholeBytesMax = 256 << 20

    /// The content of a file that is there.
    func wholeContents(of path: String) throws(FileSystemError) -> ByteSlice {
        let file = try self.open(path, .readOnly)
        let size = try file.size()
        guard size <= Self.wholeBytesMax else { throw FileSystemError(.read, errno: 27, path: path) }
        return try file.readSlice(at: 0, count: Int(size))
    }

    /// The same as text.
    func wholeText(of path: String) throws(FileSystemError) -> String {
        try self.wholeContents(of: path).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
