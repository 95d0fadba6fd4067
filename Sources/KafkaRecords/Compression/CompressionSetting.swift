/// A codec and how hard it is to try.
package struct CompressionSetting: Hashable, Sendable {
    package var codec: CompressionCodec
    /// gzip 1 to 9, lz4 1 to 17, zstd -131072 to 22; nil is the codec's default (6, 9 and 3). Others have none.
    package var level: Int32?

    package init(_ codec: CompressionCodec, level: Int32? = nil) {
        self.codec = codec
        self.level = level
    }

    /// The levels that configuration may name, or nil where the codec has none.
    package static func levels(of codec: CompressionCodec) -> ClosedRange<Int32>? {
        switch codec {
        case .none, .snappy: nil
        case .gzip: 1...9
        case .lz4: 1...17
        case .zstd: -131_072...22
        }
    }
}

/// What a topic does about compression: its `compression.type`.
package enum TopicCompression: Hashable, Sendable {
    /// Batches are kept as their producer compressed them.
    case producer
    /// All batches are stored like this; others are rewritten.
    case fixed(CompressionSetting)
}
