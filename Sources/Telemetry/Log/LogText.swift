/// The bytes of a line under construction.
///
/// A field that does not fit into the line is left out as a whole, so that a line can always be parsed.
struct LogText {
    private var bytes: [UInt8] = []
    /// How much of `bytes` is sure to stay.
    private var kept = 0
    private var isFull = false

    /// The most bytes of one value; the rest is cut off.
    static let valueBytesMax = 2000
    /// Room for the end of the line.
    private static let reserve = 8

    init() {
        self.bytes.reserveCapacity(256)
    }

    /// Keeps what was appended since the last call, or drops it where it did not fit.
    mutating func endField() {
        if self.isFull { self.bytes.removeSubrange(self.kept...) }
        self.kept = self.bytes.count
        self.isFull = false
    }

    mutating func append(_ text: String) {
        for byte in text.utf8 { self.append(byte) }
    }

    /// `text` with quotes, backslashes and control characters escaped as in JSON.
    mutating func appendEscaped(_ text: String, quote: Bool) {
        if quote { self.append(UInt8(ascii: "\"")) }
        for byte in Self.shortened(text) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                if quote { self.append(UInt8(ascii: "\\")) }
                self.append(byte)
            case UInt8(ascii: "\n"): self.append("\\n")
            case UInt8(ascii: "\r"): self.append("\\r")
            case UInt8(ascii: "\t"): self.append("\\t")
            case 0..<0x20, 0x7f: self.append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: self.append(byte)
            }
        }
        if quote { self.append(UInt8(ascii: "\"")) }
    }

    /// The line with `end` behind it.
    func finished(_ end: String) -> [UInt8] {
        self.bytes[..<self.kept] + Array(end.utf8)
    }

    static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty
            || text.utf8.contains { byte in
                byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=") || byte == 0x7f
            }
    }

    private static func shortened(_ text: String) -> [UInt8] {
        guard text.utf8.count > Self.valueBytesMax else { return Array(text.utf8) }
        var bytes = Array(text.utf8.prefix(Self.valueBytesMax))
        // A character must not be cut in two.
        while let last = bytes.last, last & 0xc0 == 0x80 { bytes.removeLast() }
        if let last = bytes.last, last >= 0xc0 { bytes.removeLast() }
        return bytes + Array("...".utf8)
    }

    private mutating func append(_ byte: UInt8) {
        guard self.bytes.count < LogLine.bytesMax - Self.reserve else {
            self.isFull = true
            return
        }
        self.bytes.append(byte)
    }
}
