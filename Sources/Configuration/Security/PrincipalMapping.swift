/// How a certificate's distinguished name becomes the name of a principal: `ssl.principal.mapping.rules`.
///
/// Rules are separated by commas or line ends and tried in order; the first that fits the whole name counts. `DEFAULT`
/// takes the name as it is. `RULE:pattern/replacement/` replaces what the regular expression matches, with `$1` for its
/// first group; `L` or `U` behind it makes the result lower or upper case. A backslash takes the special meaning from
/// the character behind it.
///
/// Source: Kafka 4.3's `ssl.principal.mapping.rules`; KIP-371.
package struct PrincipalMapping: Equatable, Sendable {
    private enum LetterCase {
        case unchanged, lower, upper
    }

    private enum Rule: Equatable {
        case whole
        /// The expression is kept as text, since a compiled one cannot be shared by threads.
        case replacing(pattern: String, replacement: String, letters: LetterCase)
    }

    private let rules: [Rule]

    /// A rule that cannot be understood.
    package struct RuleError: Error, Equatable, CustomStringConvertible {
        /// The rule, and what is wrong with it.
        package var message: String

        package init(message: String) {
            self.message = message
        }

        package var description: String { self.message }
    }

    package init(_ text: String) throws(RuleError) {
        var scanner = RuleScanner(text)
        var rules: [Rule] = []
        while let rule = try scanner.next() {
            switch rule {
            case .whole: rules.append(.whole)
            case .replacing(let source, let pattern, let replacement, let flag):
                do {
                    _ = try Regex(pattern)
                } catch {
                    throw RuleError(
                        message: "Invalid rule: `\(source)`, its regular expression cannot be read: \(error)")
                }
                let letters: LetterCase = flag == "L" ? .lower : flag == "U" ? .upper : .unchanged
                rules.append(.replacing(pattern: pattern, replacement: replacement, letters: letters))
            }
        }
        self.rules = rules
    }

    /// The name of the principal; nil where no rule fits, which means that the peer has none.
    package func name(of distinguishedName: String) -> String? {
        for rule in self.rules {
            switch rule {
            case .whole: return distinguishedName
            case .replacing(let pattern, let replacement, let letters):
                guard let name = Self.replace(pattern, by: replacement, in: distinguishedName) else { continue }
                switch letters {
                case .unchanged: return name
                case .lower: return name.lowercased()
                case .upper: return name.uppercased()
                }
            }
        }
        return nil
    }

    /// Replaces every match, provided that the expression fits the whole text; nil where it does not.
    private static func replace(_ pattern: String, by replacement: String, in text: String) -> String? {
        let expression: Regex<AnyRegexOutput>
        do {
            expression = try Regex(pattern)
        } catch {
            preconditionFailure("an expression that was read once is read again: \(error)")
        }
        guard text.wholeMatch(of: expression) != nil else { return nil }
        return text.replacing(expression) { Self.expand(replacement, $0) }
    }

    /// The replacement with its references to groups filled in; one to a group that is not there stays as it is.
    private static func expand(_ replacement: String, _ match: Regex<AnyRegexOutput>.Match) -> String {
        let groupMax = match.output.count - 1
        var result = ""
        var rest = Substring(replacement)
        while let character = rest.popFirst() {
            if character == "\\" {
                if let literal = rest.popFirst() { result.append(literal) }
                continue
            }
            guard character == "$", var number = rest.first?.decimalDigit, number <= groupMax else {
                result.append(character)
                continue
            }
            rest.removeFirst()
            // As many digits as still name a group.
            while let digit = rest.first?.decimalDigit, number * 10 + digit <= groupMax {
                number = number * 10 + digit
                rest.removeFirst()
            }
            result += match.output[number].substring ?? ""
        }
        return result
    }
}

extension Character {
    fileprivate var decimalDigit: Int? { ("0"..."9").contains(self) ? self.wholeNumberValue : nil }
}
