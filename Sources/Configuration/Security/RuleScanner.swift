/// Cuts the text of `ssl.principal.mapping.rules` into its rules.
struct RuleScanner {
    enum Rule {
        case whole
        /// With the text it came from, for messages.
        case replacing(source: String, pattern: String, replacement: String, flag: Character?)
    }

    private var rest: Substring

    init(_ text: String) {
        self.rest = Substring(text)
    }

    /// The next rule; nil at the end. Empty ones are left out.
    mutating func next() throws(PrincipalMapping.RuleError) -> Rule? {
        while true {
            self.rest = self.rest.drop { $0.isWhitespace || $0 == "," }
            guard !self.rest.isEmpty else { return nil }
            let start = self.rest
            guard let rule = self.replacing() else {
                self.rest = start
                let text = self.upToSeparator()
                guard text != "DEFAULT" else { return .whole }
                throw PrincipalMapping.RuleError(
                    message: text.hasPrefix("DEFAULT")
                        ? "Invalid rule: `\(text)`, unmatched substring: `\(text.dropFirst("DEFAULT".count))`"
                        : "Invalid rule: `\(text)`, expected DEFAULT or RULE:pattern/replacement/[LU]")
            }
            let source = start[..<self.rest.startIndex]
            let behind = self.upToSeparator()
            guard behind.isEmpty else {
                throw PrincipalMapping.RuleError(
                    message: "Invalid rule: `\(source)\(behind)`, unmatched substring: `\(behind)`")
            }
            return .replacing(
                source: String(source), pattern: rule.pattern, replacement: rule.replacement, flag: rule.flag)
        }
    }

    private mutating func replacing() -> (pattern: String, replacement: String, flag: Character?)? {
        guard self.rest.hasPrefix("RULE:") else { return nil }
        self.rest = self.rest.dropFirst("RULE:".count)
        guard let pattern = self.upToSlash(), let replacement = self.upToSlash() else { return nil }
        var flag: Character?
        if let first = self.rest.first, first == "L" || first == "U" {
            flag = first
            self.rest.removeFirst()
        }
        return (pattern, replacement, flag)
    }

    /// What stands before the next slash that no backslash precedes, which is skipped; nil where there is none.
    private mutating func upToSlash() -> String? {
        var text = ""
        while let character = self.rest.popFirst() {
            if character == "/" { return text }
            text.append(character)
            guard character == "\\" else { continue }
            guard let escaped = self.rest.popFirst() else { return nil }
            text.append(escaped)
        }
        return nil
    }

    private mutating func upToSeparator() -> String {
        let text = self.rest.prefix { $0 != "," && !$0.isNewline }
        self.rest = self.rest.dropFirst(text.count)
        var end = text
        while end.last?.isWhitespace == true { end.removeLast() }
        return String(end.drop(while: \.isWhitespace))
    }
}
