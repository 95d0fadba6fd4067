import ApusCore

/// A map of a scenario's file, read key by key; every error names file, line, key, value and what would be right.
struct ScenarioSection {
    let file: String
    let line: Int
    /// How errors name it: `workload`.
    let name: String
    private let entries: [YAMLNode.Entry]
    private let known: [String]

    /// - Parameter keys: all that it may hold.
    /// - Throws: `invalidValue` where `node` is no map, `unknownKey`.
    init(_ node: YAMLNode, name: String, file: String, keys: [String]) throws(ScenarioError) {
        self.file = file
        self.line = node.line
        self.name = name
        self.known = keys
        guard case .map(let entries) = node.content else {
            throw ScenarioError(.invalidValue, file: file, line: node.line, "\(name) must be keys with values")
        }
        self.entries = entries
        for entry in entries where !keys.contains(entry.key) {
            let nearest = NearestName.of(entry.key, among: keys).map { "; is \($0) meant?" } ?? ""
            throw ScenarioError(
                .unknownKey, file: file, line: entry.line,
                "\(name) has no key '\(entry.key)'\(nearest) (it may have \(keys.joined(separator: ", ")))")
        }
    }

    func node(_ key: String) -> YAMLNode? {
        precondition(self.known.contains(key), "a section is asked for a key that it does not declare")
        return self.entries.first { $0.key == key }?.value
    }

    func has(_ key: String) -> Bool { self.node(key) != nil }

    func required(_ key: String) throws(ScenarioError) -> YAMLNode {
        guard let node = self.node(key) else {
            throw ScenarioError(.missingKey, file: self.file, line: self.line, "\(self.name) needs '\(key)'")
        }
        return node
    }

    func invalid(_ key: String, _ node: YAMLNode, _ right: String) -> ScenarioError {
        let text = if case .scalar(let text) = node.content { "'\(text)'" } else { "a list or map" }
        return ScenarioError(
            .invalidValue, file: self.file, line: node.line, "\(self.name): \(key) is \(text), it must be \(right)")
    }

    func conflict(_ message: String) -> ScenarioError {
        ScenarioError(.conflict, file: self.file, line: self.line, "\(self.name): \(message)")
    }

    // MARK: Values

    func string(_ key: String) throws(ScenarioError) -> String? {
        guard let node = self.node(key) else { return nil }
        guard case .scalar(let text) = node.content, !text.isEmpty else {
            throw self.invalid(key, node, "a word or sentence")
        }
        return text
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ScenarioError) -> Int? {
        guard let node = self.node(key) else { return nil }
        guard case .scalar(let text) = node.content, let value = Int(text), range.contains(value) else {
            throw self.invalid(key, node, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func boolean(_ key: String) throws(ScenarioError) -> Bool? {
        guard let node = self.node(key) else { return nil }
        switch node.content {
        case .scalar("true"): return true
        case .scalar("false"): return false
        default: throw self.invalid(key, node, "true or false")
        }
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, of type: Value.Type
    ) throws(ScenarioError) -> Value? where Value.RawValue == String {
        guard let node = self.node(key) else { return nil }
        if case .scalar(let text) = node.content, let value = Value(rawValue: text) { return value }
        throw self.invalid(key, node, "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
    }

    /// - Parameter isSigned: whether it may be below 0.
    func interval(_ key: String, isSigned: Bool = false) throws(ScenarioError) -> Interval? {
        guard let node = self.node(key) else { return nil }
        guard case .scalar(let text) = node.content, let interval = Interval(scenario: text, isSigned: isSigned) else {
            throw self.invalid(key, node, "a length of time such as 1500 ms or \(isSigned ? "-2 s" : "2 s")")
        }
        return interval
    }

    func selector(_ key: String) throws(ScenarioError) -> NodeSelector? {
        guard let node = self.node(key) else { return nil }
        guard case .scalar(let text) = node.content, let selector = NodeSelector(text) else {
            throw self.invalid(key, node, NodeSelector.forms)
        }
        return selector
    }

    func settings(_ key: String) throws(ScenarioError) -> [ClusterPlan.Setting] {
        guard let node = self.node(key) else { return [] }
        guard case .map(let entries) = node.content else { throw self.invalid(key, node, "settings with values") }
        var settings: [ClusterPlan.Setting] = []
        for entry in entries {
            guard case .scalar(let value) = entry.value.content else {
                throw self.invalid(entry.key, entry.value, "one value")
            }
            settings.append(.init(name: entry.key, value: value))
        }
        return settings
    }

    func list(_ key: String) throws(ScenarioError) -> [YAMLNode] {
        guard let node = self.node(key) else { return [] }
        guard case .list(let items) = node.content else { throw self.invalid(key, node, "a list") }
        return items
    }
}

extension Interval {
    /// Reads `250 ms`, `1.5 s` or `2 min`, where `isSigned` also `-2 min`; nil where `text` is none of them, or
    /// its number is above 86400.
    init?(scenario text: String, isSigned: Bool = false) {
        let words = text.split(separator: " ")
        guard words.count == 2, let number = Double(words[0]), abs(number) <= 86_400, isSigned || number >= 0
        else { return nil }
        let unit: Double
        switch words[1] {
        case "ms": unit = 1e6
        case "s": unit = 1e9
        case "min": unit = 60e9
        default: return nil
        }
        self.init(nanoseconds: Int64(number * unit))
    }

    var seconds: Double { Double(self.nanoseconds) / 1e9 }
}
