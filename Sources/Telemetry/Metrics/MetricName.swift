/// The name of a metric and what it counts.
package struct MetricName: Hashable, Sendable, ExpressibleByStringLiteral {
    package var text: String

    /// `name` consists of lower-case letters, digits and underscores and begins with a letter. Counters end in
    /// `_total`; a unit comes before that: `_seconds`, `_bytes`.
    package init(_ name: String) {
        let isValid = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        precondition(isValid && name.first?.isLetter == true, "\(name) cannot be the name of a metric")
        self.text = name
    }

    package init(stringLiteral value: String) {
        self.init(value)
    }
}
