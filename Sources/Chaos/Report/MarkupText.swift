/// Text of a page under construction. What is not markup is escaped, so no name or message can become any.
struct MarkupText {
    private(set) var text = ""

    /// Elements that have no content and no end.
    private static let empty: Set<String> = ["meta", "br", "rect", "path", "line"]

    /// An element with what `content` puts into it. Attributes keep their order; nil leaves one out.
    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
        _ content: (inout MarkupText) -> Void = { _ in }
    ) {
        self.text += "<\(name)"
        for (key, value) in attributes {
            if let value { self.text += " \(key)=\"\(Self.escaped(value))\"" }
        }
        if Self.empty.contains(name) {
            self.text += "/>"
            return
        }
        self.text += ">"
        content(&self)
        self.text += "</\(name)>"
    }

    /// An element that holds only text.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String) {
        self.element(name, attributes) { $0.write(text) }
    }

    mutating func write(_ text: String) {
        self.text += Self.escaped(text)
    }

    /// Markup as it is: only for constants of this program.
    mutating func writeRaw(_ markup: StaticString) {
        self.text += "\(markup)"
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // No control character means anything in a page, and some may not stand in one at all.
            case "\u{0}"..."\u{8}", "\u{b}", "\u{c}", "\u{e}"..."\u{1f}", "\u{7f}": escaped += "\u{fffd}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
