/// CRC-32 as zlib has it, the checksum of messages of the formats before 2. Only a recovery that finds such messages
/// computes it, so that a table is fast enough.
struct LegacyChecksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { register, _ in
            register & 1 == 1 ? (register >> 1) ^ 0xedb8_8320 : register >> 1
        }
    }

    private var register: UInt32 = 0xffff_ffff

    /// The checksum of all bytes added so far.
    var value: UInt32 { ~self.register }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            self.register = (self.register >> 8) ^ Self.table[Int((self.register ^ UInt32(byte)) & 0xff)]
        }
    }
}
