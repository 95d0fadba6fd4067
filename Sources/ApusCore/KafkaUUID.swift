/// A 128-bit identifier as Kafka writes it: 16 bytes, most significant first; as text, 22 characters of URL-safe
/// base64 without padding.
public struct KafkaUUID: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// All bits zero: Kafka's "none".
    @inlinable
    public static var zero: KafkaUUID { KafkaUUID(high: 0, low: 0) }

    /// The id of the `__cluster_metadata` topic.
    @inlinable
    public static var clusterMetadata: KafkaUUID { KafkaUUID(high: 0, low: 1) }

    /// A version-4 UUID from the given source of randomness. As in Kafka, its text never begins with `-`, and the
    /// reserved values (fewer than 100) are never returned.
    public static func random(using generator: inout some RandomNumberGenerator) -> KafkaUUID {
        while true {
            let high = (generator.next() as UInt64) & 0xffff_ffff_ffff_0fff | 0x0000_0000_0000_4000
            let low = (generator.next() as UInt64) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
            let candidate = KafkaUUID(high: high, low: low)
            if !candidate.description.hasPrefix("-") { return candidate }
        }
    }
}

extension KafkaUUID: Comparable {
    public static func < (lhs: KafkaUUID, rhs: KafkaUUID) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}

extension KafkaUUID: LosslessStringConvertible {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Reads the 22 characters that `description` writes; padding is not accepted.
    public init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 22 else { return nil }
        var bits: (high: UInt64, low: UInt64) = (0, 0)
        for (index, character) in characters.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: character) else { return nil }
            // The last character carries two bits of the value; the four below it must be zero.
            let width: UInt64 = index == 21 ? 2 : 6
            if index == 21, digit & 0b1111 != 0 { return nil }
            let value = UInt64(index == 21 ? digit >> 4 : digit)
            bits.high = bits.high << width | bits.low >> (64 - width)
            bits.low = bits.low << width | value
        }
        self.init(high: bits.high, low: bits.low)
    }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(22)
        for index in 0..<21 {
            let shift = 122 - 6 * index
            let value: UInt64
            if shift >= 64 {
                value = self.high >> UInt64(shift - 64)
            } else if shift > 58 {
                value = self.high << UInt64(64 - shift) | self.low >> UInt64(shift)
            } else {
                value = self.low >> UInt64(shift)
            }
            text.append(Self.alphabet[Int(value & 63)])
        }
        text.append(Self.alphabet[Int(self.low & 3) << 4])
        return String(decoding: text, as: UTF8.self)
    }
}
