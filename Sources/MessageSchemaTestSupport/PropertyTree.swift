import ApusCore
import Foundation
import KafkaPrimitives

/// Compares the properties of a decoded message with Kafka's JSON of it.
///
/// Every member of the JSON must be a property of the same name and value. The JSON leaves out what is not in the
/// version, and tagged fields that have their default.
enum PropertyTree {
    static func differences(_ value: Any, _ json: Any, at path: String) -> [String] {
        let value = self.unwrapped(value)
        if json is NSNull { return value == nil ? [] : ["\(path): \(value ?? "") is not null"] }
        guard let value else { return ["\(path): null is not \(json)"] }
        if let members = json as? [String: Any] {
            return members.keys.sorted().flatMap { self.member($0, members[$0] as Any, of: value, at: path) }
        }
        if let elements = json as? [Any], !(value is ByteSlice) {
            let children = Mirror(reflecting: value).children.map(\.value)
            guard children.count == elements.count else {
                return ["\(path): \(children.count) elements, not \(elements.count)"]
            }
            return zip(children, elements).enumerated().flatMap {
                self.differences($0.element.0, $0.element.1, at: "\(path)[\($0.offset)]")
            }
        }
        return self.isEqual(value, json) ? [] : ["\(path): \(value) is not \(json)"]
    }

    private static func member(_ name: String, _ json: Any, of value: Any, at path: String) -> [String] {
        let properties = Mirror(reflecting: value).children
        if let property = properties.first(where: { $0.label == name }) {
            return self.differences(property.value, json, at: "\(path).\(name)")
        }
        // Records are only counted.
        let suffix = "SizeInBytes"
        let records = properties.first { $0.label == String(name.dropLast(suffix.count)) }?.value as? RecordsPayload
        guard name.hasSuffix(suffix), let records else { return ["\(path): no property \(name)"] }
        let count = (json as? NSNumber)?.intValue
        return records.count == count ? [] : ["\(path).\(name): \(records.count) bytes, not \(json)"]
    }

    private static func unwrapped(_ value: Any) -> Any? {
        if case .null? = value as? RecordsPayload { return nil }
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first?.value
    }

    private static func isEqual(_ value: Any, _ json: Any) -> Bool {
        switch value {
        case let value as Bool: json as? Bool == value
        case let value as String: json as? String == value
        case let value as Double: (json as? NSNumber)?.doubleValue == value
        case let value as KafkaUUID: json as? String == value.description
        case let value as TopicID: json as? String == value.description
        case let value as ErrorCode: (json as? NSNumber)?.int64Value == Int64(value.rawValue)
        case let value as any IntegerValue: self.integer(value) == (json as? NSNumber)?.int64Value
        case let value as any FixedWidthInteger: Int64(truncatingIfNeeded: value) == (json as? NSNumber)?.int64Value
        case let value as ByteSlice: (json as? String).flatMap { Data(base64Encoded: $0) } == Data(value.array)
        default: false
        }
    }

    private static func integer(_ value: some IntegerValue) -> Int64 { Int64(value.rawValue) }
}
