extension MessageRenderer {
    func decoder(
        of structure: MessageLayout.Structure, _ shapes: [FieldShape], isMessage: Bool, to source: inout SwiftSource
    ) {
        let access = isMessage ? "public " : ""
        source.block("\(access)init(from reader: inout ByteReader, version: Int16) throws(DecodeError)") { source in
            if isMessage {
                source.line(
                    "guard Self.validVersions.contains(version) else { throw reader.failure(.unsupportedVersion) }")
            }
            self.declareFlexible(in: structure, to: &source)
            for group in FieldShape.grouped(shapes.filter { $0.field.tag == nil }) {
                source.when(group.condition) { source in
                    for shape in group.shapes { self.read(shape, in: structure, to: &source) }
                }
            }
            self.whenFlexible(in: structure, to: &source) { source in
                self.readTagged(shapes.filter { $0.field.tag != nil }, in: structure, to: &source)
            }
        }
    }

    private func readTagged(
        _ shapes: [FieldShape], in structure: MessageLayout.Structure, to source: inout SwiftSource
    ) {
        if shapes.isEmpty {
            source.line("try reader.skipTaggedFields()")
            return
        }
        source.line("var tagged = try reader.readTaggedFields()")
        source.block("while let tag = try reader.nextTaggedField(&tagged)") { source in
            source.line("switch tag {")
            for shape in shapes.sorted(by: { ($0.field.tag ?? 0) < ($1.field.tag ?? 0) }) {
                let flexibleFrom = max(self.message.flexibleFrom ?? 0, structure.versions.lowest)
                let flexible = VersionRange(flexibleFrom, structure.versions.highest)
                let condition = FieldShape.condition(shape.versions, within: flexible).map { " where \($0)" } ?? ""
                source.line("case \(shape.field.tag ?? 0)\(condition):")
                source.indented { self.read(shape, in: structure, to: &$0) }
            }
            source.line("default:")
            source.indented { $0.line("try reader.skipTaggedField(tagged)") }
            source.line("}")
        }
    }

    /// The statements that read one field that is there.
    private func read(_ shape: FieldShape, in structure: MessageLayout.Structure, to source: inout SwiftSource) {
        let property = "self.\(shape.name)"
        let compact = self.compactness(in: structure, shape.field)
        switch shape.field.type {
        case .array(let element):
            self.readArray(shape, of: element, compact: compact, to: &source)
        case .structure(let name):
            let read = "\(name)(from: &reader, version: version)"
            // The mark before a structure that may be null is a varint in a tagged field, and a byte elsewhere.
            let isNull = shape.field.tag == nil ? "readInt8() < 0" : "readUnsignedVarint() == 0"
            self.readNullable(
                shape, to: &source, present: "\(property) = try reader.\(isNull) ? nil : \(read)",
                required: "\(property) = try \(read)")
        case .string:
            self.readNullable(
                shape, to: &source, present: "\(property) = try reader.readNullableString(compact: \(compact))",
                required: "\(property) = try reader.readString(compact: \(compact))")
        case .bytes:
            self.readNullable(
                shape, to: &source, present: "\(property) = try reader.readNullableBytes(compact: \(compact))",
                required: "\(property) = try reader.readBytes(compact: \(compact))")
        case .records:
            self.readNullable(
                shape, to: &source, present: "\(property) = try reader.readRecords(compact: \(compact))",
                required: "\(property) = .bytes(try reader.readBytes(compact: \(compact)))")
        default:
            source.line("\(property) = \(self.readElement(shape.field.type, shape.element, compact: compact))")
        }
    }

    private func readNullable(
        _ shape: FieldShape, to source: inout SwiftSource, present: String, required: String
    ) {
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
    }

    private func readArray(
        _ shape: FieldShape, of element: FieldType, compact: String, to source: inout SwiftSource
    ) {
        let property = "self.\(shape.name)"
        let size = max(1, self.layout.sizeMin(of: element, in: shape.versions))
        source.line("if let count = try reader.readArrayCount(compact: \(compact), elementSizeMin: \(size)) {")
        source.indented { source in
            source.line("var elements: [\(shape.element.name)] = []")
            source.line("elements.reserveCapacity(count)")
            source.block("for _ in 0..<count") { source in
                source.line("elements.append(\(self.readElement(element, shape.element, compact: compact)))")
            }
            source.line("\(property) = elements")
        }
        switch shape.nullability {
        case .never:
            source.line("} else {")
            source.indented { $0.line("throw reader.failure(.unexpectedNull)") }
        case .always:
            source.line("} else {")
            source.indented { $0.line("\(property) = nil") }
        case .when(let condition):
            source.line("} else if \(condition) {")
            source.indented { $0.line("\(property) = nil") }
            source.line("} else {")
            source.indented { $0.line("throw reader.failure(.unexpectedNull)") }
        }
        source.line("}")
    }

    private func readElement(_ type: FieldType, _ swift: SwiftType, compact: String) -> String {
        switch type {
        case .bool: swift.wrap("try reader.readBoolean()")
        case .int8: swift.wrap("try reader.readInt8()")
        case .int16: swift.wrap("try reader.readInt16()")
        case .uint16: swift.wrap("try reader.readUInt16()")
        case .int32: swift.wrap("try reader.readInt32()")
        case .uint32: swift.wrap("try reader.readUInt32()")
        case .int64: swift.wrap("try reader.readInt64()")
        case .float64: swift.wrap("try reader.readFloat64()")
        case .uuid: swift.wrap("try reader.readUUID()")
        case .string: "try reader.readString(compact: \(compact))"
        case .bytes: "try reader.readBytes(compact: \(compact))"
        case .records: ".bytes(try reader.readBytes(compact: \(compact)))"
        case .structure(let name): "try \(name)(from: &reader, version: version)"
        case .array: preconditionFailure("an element is never an array")
        }
    }
}
