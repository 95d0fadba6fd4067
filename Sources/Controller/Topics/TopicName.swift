/// Kafka's rules for the names of topics.
package enum TopicName {
    /// The longest name, so that `name-partition.uuid-delete` still is a file name.
    static let lengthMax = 249
    /// The topic of the metadata log, which nobody creates.
    package static let clusterMetadata = "__cluster_metadata"

    package static func isValid(_ name: String) -> Bool { self.problem(with: name) == nil }

    /// What is wrong with a name, as Kafka says it; nil where it is valid.
    static func problem(with name: String) -> String? {
        let reason: String
        if name.isEmpty {
            reason = "the empty string is not allowed"
        } else if name == "." || name == ".." {
            reason = "'\(name)' is not allowed"
        } else if name.utf16.count > Self.lengthMax {
            reason = "the length of '\(name)' is longer than the max allowed length \(Self.lengthMax)"
        } else if !name.utf8.allSatisfy(Self.isAllowed) {
            reason = "'\(name)' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        } else {
            return nil
        }
        return "Topic name is invalid: \(reason)"
    }

    /// True where the name has a character that metric names cannot tell from another: `.` and `_`.
    static func hasCollisionCharacter(_ name: String) -> Bool {
        name.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
    }

    /// The name with every `.` as `_`: topics with equal results collide.
    static func collisionKey(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }

    private static func isAllowed(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
