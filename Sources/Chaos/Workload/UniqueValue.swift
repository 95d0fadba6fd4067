import ApusCore
package import History

/// The value of a record as bytes: decimal digits of a number that no other record of the run has, then dots.
package enum UniqueValue {
    /// Digits of the largest number there is.
    package static let sizeMin = 20

    /// Fills `buffer`, of at least `sizeMin` bytes.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer, _ value: WrittenValue) {
        var position = 0
        for digit in String(value.rawValue).utf8 {
            buffer[position] = digit
            position += 1
        }
        for rest in position..<buffer.count { buffer[rest] = UInt8(ascii: ".") }
    }

    /// The number that `bytes` begin with; nil where they are not such a value.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> WrittenValue? {
        var value: Int64 = 0
        var digits = 0
        for byte in bytes {
            guard byte != UInt8(ascii: ".") else { break }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 18 else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            digits += 1
        }
        return digits > 0 ? WrittenValue(value) : nil
    }
}
