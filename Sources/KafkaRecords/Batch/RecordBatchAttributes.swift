/// The sixteen attribute bits of a batch.
///
/// Shape: bits 0-2 compression, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon; the rest unused and
/// kept as they came.
package struct RecordBatchAttributes: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int16

    package init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    package init(
        compression: CompressionCodec = .none, timestampType: TimestampType = .createTime,
        isTransactional: Bool = false, isControl: Bool = false, hasDeleteHorizon: Bool = false
    ) {
        var bits = Int16(compression.rawValue)
        if timestampType == .logAppendTime { bits |= Self.timestampTypeBit }
        if isTransactional { bits |= Self.transactionalBit }
        if isControl { bits |= Self.controlBit }
        if hasDeleteHorizon { bits |= Self.deleteHorizonBit }
        self.rawValue = bits
    }

    private static let compressionMask: Int16 = 0x07
    private static let timestampTypeBit: Int16 = 1 << 3
    private static let transactionalBit: Int16 = 1 << 4
    private static let controlBit: Int16 = 1 << 5
    private static let deleteHorizonBit: Int16 = 1 << 6

    /// The codec, or nil for the numbers 5 to 7, which no codec has.
    package var compression: CompressionCodec? {
        CompressionCodec(rawValue: Int8(self.rawValue & Self.compressionMask))
    }

    /// Names another codec.
    mutating func setCompression(_ codec: CompressionCodec) {
        self.rawValue = self.rawValue & ~Self.compressionMask | Int16(codec.rawValue)
    }

    package var timestampType: TimestampType {
        get { self.rawValue & Self.timestampTypeBit == 0 ? .createTime : .logAppendTime }
        set {
            switch newValue {
            case .createTime: self.rawValue &= ~Self.timestampTypeBit
            case .logAppendTime: self.rawValue |= Self.timestampTypeBit
            }
        }
    }

    package var isTransactional: Bool { self.rawValue & Self.transactionalBit != 0 }

    package var isControl: Bool { self.rawValue & Self.controlBit != 0 }

    /// The base timestamp is the time from which compaction may drop the batch's tombstones (KIP-534).
    package var hasDeleteHorizon: Bool { self.rawValue & Self.deleteHorizonBit != 0 }
}
