package import ApusCore

/// What happened in a world: a number that follows from all of it, and the last events in words.
///
/// Two runs are the same where their hashes are. The hash takes in the time, the kind, the place and the content of every
/// event and of every write to a disk.
package struct Trace {
    /// One event, in a form that costs little to keep.
    package struct Entry: Sendable {
        package var time: Instant
        package var kind: EventKind
        /// The number of the host it happened on; -1 for the world itself.
        package var host: Int32
        /// What it is about: a job's number, a stream's, the bytes that came.
        package var subject: UInt32
        package var amount: Int64
        package var text: String?

        /// The entry in one line.
        package var line: String {
            let seconds = self.time.nanoseconds / 1_000_000_000
            let rest = String(self.time.nanoseconds % 1_000_000_000)
            let time = "\(seconds)." + String(repeating: "0", count: 9 - rest.count) + rest
            let place = self.host < 0 ? "world" : "host \(self.host)"
            return "\(time) \(place) \(self.kind) " + (self.text ?? "#\(self.subject) \(self.amount)")
        }
    }

    package private(set) var hash: UInt64
    private var ring: [Entry] = []
    private var next = 0
    private let capacity: Int
    /// Is given every entry as it is made; nil where nobody wants them.
    package var sink: ((Entry) -> Void)?

    init(seed: UInt64, capacity: Int) {
        self.hash = seed
        self.capacity = capacity
        self.ring.reserveCapacity(capacity)
    }

    /// Takes a word into the hash.
    @inline(__always)
    mutating func mix(_ word: UInt64) {
        let mixed = (self.hash ^ word) &* 0x9e37_79b9_7f4a_7c15
        self.hash = mixed ^ (mixed >> 29)
    }

    mutating func record(_ entry: Entry) {
        self.mix(UInt64(bitPattern: entry.time.nanoseconds))
        self.mix(
            UInt64(entry.kind.rawValue) << 56 | UInt64(UInt32(bitPattern: entry.host)) << 24 | UInt64(entry.subject))
        self.mix(UInt64(bitPattern: entry.amount))
        if let text = entry.text { for byte in text.utf8 { self.mix(UInt64(byte)) } }
        self.keep(entry)
    }

    /// Keeps what is no event of its own: said by the world about what it does.
    mutating func keep(_ entry: Entry) {
        if let sink = self.sink { sink(entry) }
        guard self.capacity > 0 else { return }
        if self.ring.count < self.capacity {
            self.ring.append(entry)
        } else {
            self.ring[self.next] = entry
            self.next = self.next + 1 == self.capacity ? 0 : self.next + 1
        }
    }

    /// The last events, oldest first.
    package var last: [Entry] { Array(self.ring[self.next...]) + self.ring[..<self.next] }
}

extension UInt64 {
    /// A digest of some bytes, eight at a time.
    static func digest(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count) &* 0x9e37_79b9_7f4a_7c15
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let mixed = (hash ^ word) &* 0xbf58_476d_1ce4_e5b9
            hash = mixed ^ (mixed >> 31)
            index += 8
        }
        while index < bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
            index += 1
        }
        return hash ^ (hash >> 32)
    }
}
