import Foundation
import KafkaPrimitives

/// Files under `Golden/`; its README tells where they come from.
enum Golden {
    static func bytes(_ name: String) throws -> ByteSlice {
        ByteSlice([UInt8](try Data(contentsOf: self.url(name))))
    }

    static func lines(_ name: String) throws -> [String] {
        String(decoding: try Data(contentsOf: self.url(name)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    private static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Golden").appendingPathComponent(name)
    }
}

extension ByteSlice {
    /// The bytes that `hexadecimal` spells.
    init(hexadecimal: some StringProtocol) {
        let digits = hexadecimal.utf8.map { UInt8($0 < 0x40 ? $0 - 0x30 : $0 - 0x57) }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
}
