import ApusCore

/// One entry of an index file: of fixed size, in ascending order. Offsets are relative to the segment's base offset.
protocol IndexEntry: Hashable, Sendable {
    /// Bytes an entry takes in the file.
    static var size: Int { get }

    init(reading bytes: UnsafeRawPointer)

    func write(to bytes: UnsafeMutableRawPointer)

    /// Whether this entry may come after `previous`; the zeros that Kafka preallocates never may.
    func follows(_ previous: Self) -> Bool

    /// Whether this entry may be the first; zeros may not.
    var mayBeFirst: Bool { get }
}

/// Says that the batch with a last offset lies at a position.
///
/// Shape: relative offset 4, position 4; both ascending.
struct OffsetIndexEntry: IndexEntry {
    var relativeOffset: Int32
    var position: Int32

    static var size: Int { 8 }

    init(relativeOffset: Int32, position: Int32) {
        self.relativeOffset = relativeOffset
        self.position = position
    }

    init(reading bytes: UnsafeRawPointer) {
        self.relativeOffset = Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
        self.position = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self))
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: self.relativeOffset.bigEndian, as: Int32.self)
        bytes.storeBytes(of: self.position.bigEndian, toByteOffset: 4, as: Int32.self)
    }

    func follows(_ previous: OffsetIndexEntry) -> Bool {
        self.relativeOffset > previous.relativeOffset && self.position > previous.position
    }

    // An entry is written only after the first batch, so its position is never zero.
    var mayBeFirst: Bool { self.relativeOffset >= 0 && self.position > 0 }
}

/// Says that no record up to an offset is newer than a timestamp.
///
/// Shape: timestamp 8, relative offset 4; timestamps ascend, offsets do not descend.
struct TimeIndexEntry: IndexEntry {
    var timestamp: Timestamp
    var relativeOffset: Int32

    static var size: Int { 12 }

    init(timestamp: Timestamp, relativeOffset: Int32) {
        self.timestamp = timestamp
        self.relativeOffset = relativeOffset
    }

    init(reading bytes: UnsafeRawPointer) {
        self.timestamp = Timestamp(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        self.relativeOffset = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
    }

    func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: self.timestamp.rawValue.bigEndian, as: Int64.self)
        bytes.storeBytes(of: self.relativeOffset.bigEndian, toByteOffset: 8, as: Int32.self)
    }

    func follows(_ previous: TimeIndexEntry) -> Bool {
        self.timestamp > previous.timestamp && self.relativeOffset >= previous.relativeOffset
    }

    var mayBeFirst: Bool { self.relativeOffset >= 0 && self.timestamp >= 0 && self != Self.zero }

    private static let zero = TimeIndexEntry(timestamp: 0, relativeOffset: 0)
}
