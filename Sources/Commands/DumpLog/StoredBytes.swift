import CommandLineArguments
import KafkaPrimitives

/// Keys and values, which may be text or not.
enum StoredBytes {
    /// Text as a string; anything else as `{"hex":"…"}`; null stays null.
    static func json(_ bytes: ByteSlice?) -> JSONValue {
        guard let bytes else { return .null }
        if let text = self.text(bytes) { return .string(text) }
        return .object(["hex": .string(self.hex(bytes))])
    }

    /// Printable text in quotes, anything else as `0x…`, null as `null`.
    static func cell(_ bytes: ByteSlice?) -> String {
        guard let bytes else { return "null" }
        if let text = self.text(bytes), text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) {
            return "\"\(text)\""
        }
        return "0x\(self.hex(bytes))"
    }

    private static func text(_ bytes: ByteSlice) -> String? {
        bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    static func hex(_ bytes: ByteSlice) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.withUnsafeBytes { bytes in
            String(
                decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}
