extension MessageRenderer {
    func encoder(
        of structure: MessageLayout.Structure, _ shapes: [FieldShape], isMessage: Bool, to source: inout SwiftSource
    ) {
        let access = isMessage ? "public " : ""
        source.block("\(access)func encode(into writer: inout ByteWriter, version: Int16)") { source in
            if isMessage { source.line("precondition(Self.validVersions.contains(version))") }
            self.declareFlexible(in: structure, to: &source)
            for group in FieldShape.grouped(shapes.filter { $0.field.tag == nil }) {
                source.when(group.condition) { source in
                    for shape in group.shapes { self.write(shape, in: structure, to: &source) }
                }
            }
            self.whenFlexible(in: structure, to: &source) { source in
                self.writeTagged(shapes.filter { $0.field.tag != nil }, in: structure, to: &source)
            }
        }
    }

    private func writeTagged(
        _ shapes: [FieldShape], in structure: MessageLayout.Structure, to source: inout SwiftSource
    ) {
        if shapes.isEmpty {
            source.line("writer.writeUnsignedVarint(0)")
            return
        }
        let flexible = VersionRange(
            max(self.message.flexibleFrom ?? 0, structure.versions.lowest), structure.versions.highest)
        let sorted = shapes.sorted { ($0.field.tag ?? 0) < ($1.field.tag ?? 0) }
        let conditions = sorted.map { shape in
            [FieldShape.condition(shape.versions, within: flexible), shape.differsFromDefault]
                .compactMap { $0 }.joined(separator: " && ")
        }
        source.line("var taggedFieldCount: UInt32 = 0")
        for condition in conditions { source.line("if \(condition) { taggedFieldCount += 1 }") }
        source.line("writer.writeUnsignedVarint(taggedFieldCount)")
        for (shape, condition) in zip(sorted, conditions) {
            source.block("if \(condition)") { source in
                source.line("let start = writer.beginTaggedField(\(shape.field.tag ?? 0))")
                self.write(shape, in: structure, to: &source)
                source.line("writer.endTaggedField(from: start)")
            }
        }
    }

    /// The statements that write one field that is there.
    private func write(_ shape: FieldShape, in structure: MessageLayout.Structure, to source: inout SwiftSource) {
        let property = "self.\(shape.name)"
        let compact = self.compactness(in: structure, shape.field)
        switch shape.field.type {
        case .array(let element):
            self.writeArray(shape, of: element, compact: compact, to: &source)
        case .structure:
            self.writeStructure(shape, to: &source)
        case .string, .bytes:
            let kind = shape.field.type == .string ? "String" : "Bytes"
            let zero = shape.isOptional ? " ?? \(shape.element.zero)" : ""
            let label = shape.field.type == .string ? "writeString" : "writeBytes"
            let present = "writer.writeNullable\(kind)(\(property), compact: \(compact))"
            let required = "writer.\(label)(\(property)\(zero), compact: \(compact))"
            switch shape.nullability {
            case .never: source.line(required)
            case .always: source.line(present)
            case .when(let condition):
                source.line("if \(condition) {")
                source.indented { $0.line(present) }
                source.line("} else {")
                source.indented { $0.line(required) }
                source.line("}")
            }
        case .records:
            let nullable =
                switch shape.nullability {
                case .never: ", nullable: false"
                case .always: ""
                case .when(let condition): ", nullable: \(condition)"
                }
            source.line("writer.writeRecords(\(property), compact: \(compact)\(nullable))")
        default:
            source.line(self.writeElement(shape.field.type, shape.element, property, compact: compact))
        }
    }

    private func writeStructure(_ shape: FieldShape, to source: inout SwiftSource) {
        let property = "self.\(shape.name)"
        guard shape.isOptional else {
            source.line("\(property).encode(into: &writer, version: version)")
            return
        }
        // The mark before a structure that may be null is a varint in a tagged field, and a byte elsewhere.
        let isTagged = shape.field.tag != nil
        let present = isTagged ? "writeUnsignedVarint(1)" : "writeInt8(1)"
        let absent = isTagged ? "writeUnsignedVarint(0)" : "writeInt8(-1)"
        source.line("if let value = \(property) {")
        source.indented { source in
            source.line("writer.\(present)")
            source.line("value.encode(into: &writer, version: version)")
        }
        source.line("} else {")
        source.indented { $0.line("writer.\(absent)") }
        source.line("}")
    }

    private func writeArray(
        _ shape: FieldShape, of element: FieldType, compact: String, to source: inout SwiftSource
    ) {
        let property = "self.\(shape.name)"
        guard shape.isOptional else {
            self.writeElements(of: property, shape, element, compact: compact, to: &source)
            return
        }
        let count =
            switch shape.nullability {
            case .never: "0"
            case .always: "-1"
            case .when(let condition): "\(condition) ? -1 : 0"
            }
        source.line("if let elements = \(property) {")
        source.indented { self.writeElements(of: "elements", shape, element, compact: compact, to: &$0) }
        source.line("} else {")
        source.indented { $0.line("writer.writeCount(\(count), compact: \(compact))") }
        source.line("}")
    }

    private func writeElements(
        of array: String, _ shape: FieldShape, _ element: FieldType, compact: String, to source: inout SwiftSource
    ) {
        source.line("writer.writeCount(\(array).count, compact: \(compact))")
        source.block("for element in \(array)") { source in
            source.line(self.writeElement(element, shape.element, "element", compact: compact))
        }
    }

    private func writeElement(_ type: FieldType, _ swift: SwiftType, _ value: String, compact: String) -> String {
        switch type {
        case .bool: "writer.writeBoolean(\(swift.unwrap(value)))"
        case .int8: "writer.writeInt8(\(swift.unwrap(value)))"
        case .int16: "writer.writeInt16(\(swift.unwrap(value)))"
        case .uint16: "writer.writeUInt16(\(swift.unwrap(value)))"
        case .int32: "writer.writeInt32(\(swift.unwrap(value)))"
        case .uint32: "writer.writeUInt32(\(swift.unwrap(value)))"
        case .int64: "writer.writeInt64(\(swift.unwrap(value)))"
        case .float64: "writer.writeFloat64(\(swift.unwrap(value)))"
        case .uuid: "writer.writeUUID(\(swift.unwrap(value)))"
        case .string: "writer.writeString(\(value), compact: \(compact))"
        case .bytes: "writer.writeBytes(\(value), compact: \(compact))"
        case .records: "writer.writeRecords(\(value), compact: \(compact))"
        case .structure: "\(value).encode(into: &writer, version: version)"
        case .array: preconditionFailure("an element is never an array")
        }
    }
}
