/// The type of a field on the wire.
package indirect enum FieldType: Hashable, Sendable {
    case bool
    case int8
    case int16
    case uint16
    case int32
    case uint32
    case int64
    case float64
    case string
    case uuid
    case bytes
    case records
    /// A structure of the same message, by name.
    case structure(String)
    case array(FieldType)

    private static let basic: [String: FieldType] = [
        "bool": .bool, "int8": .int8, "int16": .int16, "uint16": .uint16, "int32": .int32, "uint32": .uint32,
        "int64": .int64, "float64": .float64, "string": .string, "uuid": .uuid, "bytes": .bytes, "records": .records,
    ]

    /// Reads `int32`, `[string]` or the name of a structure, which begins with a capital.
    package init?(text: some StringProtocol) {
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let element = FieldType(text: text.dropFirst().dropLast()), !element.isArray else { return nil }
            self = .array(element)
        } else if let basic = Self.basic[String(text)] {
            self = basic
        } else if let first = text.first, first.isUppercase {
            self = .structure(String(text))
        } else {
            return nil
        }
    }

    package var isArray: Bool {
        if case .array = self { return true }
        return false
    }

    /// The name of the structure that the field holds, or that the elements of its array are.
    package var structureName: String? {
        switch self {
        case .structure(let name): name
        case .array(let element): element.structureName
        default: nil
        }
    }

    /// True where the type has a form for null.
    package var isNullable: Bool {
        switch self {
        case .string, .bytes, .records, .structure, .array: true
        default: false
        }
    }
}
