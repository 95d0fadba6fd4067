import ApusCore
import CommandLineArguments
import KafkaPrimitives

/// Any message as an object with the message's fields, by reflection: the generated types are many and plain.
enum ReflectedValue {
    /// What a stolen copy of the output would give away: with these a client can be impersonated.
    private static let secrets: Set<String> = ["salt", "storedKey", "serverKey"]

    static func json(_ value: Any) -> JSONValue {
        switch value {
        case let text as String: return .string(text)
        case let flag as Bool: return .boolean(flag)
        case let bytes as ByteSlice: return StoredBytes.json(bytes)
        case let uuid as KafkaUUID: return .string(uuid.description)
        case let topic as TopicID: return .string(topic.description)
        case let number as any IntegerValue: return .integer(self.integer(number))
        case let number as any BinaryInteger: return .integer(Int64(number))
        case let number as Double: return .double(number)
        default: return self.composite(Mirror(reflecting: value))
        }
    }

    private static func composite(_ mirror: Mirror) -> JSONValue {
        switch mirror.displayStyle {
        case .optional: mirror.children.first.map { self.json($0.value) } ?? .null
        case .collection, .set: .array(mirror.children.map { self.json($0.value) })
        default:
            .object(
                mirror.children.map { child in
                    let name = child.label ?? "value"
                    let value = self.secrets.contains(name) ? JSONValue.string("(hidden)") : self.json(child.value)
                    return JSONValue.Member(name: name, value: value)
                })
        }
    }

    private static func integer(_ value: some IntegerValue) -> Int64 { Int64(value.rawValue) }
}
