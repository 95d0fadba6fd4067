/// What tells the series of a metric apart, fixed when the metric is registered.
package struct MetricLabels: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Sorted by name.
    package let pairs: [Pair]

    package struct Pair: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.pairs = elements.map { Pair(name: MetricName($0.0).text, value: $0.1) }.sorted { $0.name < $1.name }
    }

    /// `{a="b",c="d"}` with values escaped, empty where there are none; `extra` comes last.
    func rendered(extra: String = "") -> String {
        var parts = self.pairs.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        if !extra.isEmpty { parts.append(extra) }
        return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
