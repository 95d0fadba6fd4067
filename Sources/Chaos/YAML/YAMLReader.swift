import CYAML

/// Reads one YAML document with libyaml.
package enum YAMLReader {
    /// Deeper files are refused: aliases can make a small file endless.
    private static let depthMax = 32
    private static let nodesMax = 100_000

    /// - Throws: `syntax` with the line where the text is not YAML or holds more than one document, `duplicateKey`.
    package static func read(_ text: String, file: String) throws(ScenarioError) -> YAMLNode {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw ScenarioError(.syntax, file: file, line: 0, "there is no memory to read it")
        }
        defer { yaml_parser_delete(&parser) }
        var document = yaml_document_t()
        let bytes = Array(text.utf8)
        let isLoaded = bytes.withUnsafeBufferPointer { buffer -> Bool in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            return yaml_parser_load(&parser, &document) == 1
        }
        guard isLoaded else {
            let problem = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
            throw ScenarioError(.syntax, file: file, line: Int(parser.problem_mark.line) + 1, problem)
        }
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else {
            throw ScenarioError(.syntax, file: file, line: 1, "the file is empty")
        }
        var left = self.nodesMax
        return try self.node(root, &document, file: file, depth: 0, left: &left)
    }

    private static func node(
        _ pointer: UnsafeMutablePointer<yaml_node_t>, _ document: inout yaml_document_t, file: String, depth: Int,
        left: inout Int
    ) throws(ScenarioError) -> YAMLNode {
        let line = Int(pointer.pointee.start_mark.line) + 1
        left -= 1
        guard depth < self.depthMax, left > 0 else {
            throw ScenarioError(.syntax, file: file, line: line, "the file is nested too deeply or too large")
        }
        switch pointer.pointee.type {
        case YAML_SCALAR_NODE:
            return YAMLNode(.scalar(self.text(of: pointer)), line: line)
        case YAML_SEQUENCE_NODE:
            let items = pointer.pointee.data.sequence.items
            var list: [YAMLNode] = []
            var item = items.start
            while let current = item, current != items.top {
                if let child = yaml_document_get_node(&document, current.pointee) {
                    list.append(try self.node(child, &document, file: file, depth: depth + 1, left: &left))
                }
                item = current + 1
            }
            return YAMLNode(.list(list), line: line)
        case YAML_MAPPING_NODE:
            return YAMLNode(
                .map(try self.entries(pointer, &document, file: file, depth: depth, left: &left)), line: line)
        default:
            throw ScenarioError(.syntax, file: file, line: line, "a value is missing")
        }
    }

    private static func entries(
        _ pointer: UnsafeMutablePointer<yaml_node_t>, _ document: inout yaml_document_t, file: String, depth: Int,
        left: inout Int
    ) throws(ScenarioError) -> [YAMLNode.Entry] {
        let pairs = pointer.pointee.data.mapping.pairs
        var entries: [YAMLNode.Entry] = []
        var pair = pairs.start
        while let current = pair, current != pairs.top {
            guard let key = yaml_document_get_node(&document, current.pointee.key),
                let value = yaml_document_get_node(&document, current.pointee.value)
            else { break }
            let line = Int(key.pointee.start_mark.line) + 1
            guard key.pointee.type == YAML_SCALAR_NODE else {
                throw ScenarioError(.syntax, file: file, line: line, "a key must be a word")
            }
            let name = self.text(of: key)
            guard !entries.contains(where: { $0.key == name }) else {
                throw ScenarioError(.duplicateKey, file: file, line: line, "'\(name)' is given twice")
            }
            let child = try self.node(value, &document, file: file, depth: depth + 1, left: &left)
            entries.append(YAMLNode.Entry(key: name, line: line, value: child))
            pair = current + 1
        }
        return entries
    }

    private static func text(of pointer: UnsafeMutablePointer<yaml_node_t>) -> String {
        let scalar = pointer.pointee.data.scalar
        return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }
}
