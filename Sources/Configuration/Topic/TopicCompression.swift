/// How the batches of a topic are stored: `compression.type`.
package enum TopicCompression: String, Hashable, Sendable, CaseIterable {
    /// As the producer sent them.
    case producer
    case uncompressed
    case gzip
    case snappy
    case lz4
    case zstd
}
