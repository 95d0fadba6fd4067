import Foundation
import MessageSchema

/// Kafka's own schema files of one release, read into our model.
struct KafkaSpec {
    /// All messages by name, except those that the release retired.
    private(set) var messages: [String: MessageDefinition] = [:]

    /// The folder with Kafka's schemas, beside the package or one folder up; nil where there is none.
    static let folder: URL? = {
        var parent = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { parent.deleteLastPathComponent() }
        for _ in 0..<2 {
            parent.deleteLastPathComponent()
            let spec = parent.appending(path: "shared/kafka/spec")
            if FileManager.default.fileExists(atPath: spec.path) { return spec }
        }
        return nil
    }()

    /// `release` is the name of a folder below `folder`.
    init(release: String) throws {
        guard let folder = Self.folder?.appending(path: release) else { throw Malformed(what: release) }
        for group in ["message", "metadata"] {
            let files = try FileManager.default.contentsOfDirectory(
                at: folder.appending(path: group), includingPropertiesForKeys: nil)
            for file in files where file.pathExtension == "json" {
                let text = Self.withoutComments(try String(contentsOf: file, encoding: .utf8))
                let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                guard let object else { throw Malformed(what: file.lastPathComponent) }
                guard let message = try Self.message(object, isMetadata: group == "metadata") else { continue }
                self.messages[message.name] = message
            }
        }
    }

    struct Malformed: Error {
        var what: String
    }

    /// Comments take the rest of a line; no text in the schemas contains two slashes, except in addresses.
    private static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var quoted = false
            var previous: Character = " "
            for index in line.indices {
                if line[index] == "\"", previous != "\\" { quoted.toggle() }
                if line[index] == "/", previous == "/", !quoted { return line[..<line.index(before: index)] }
                previous = line[index]
            }
            return line[...]
        }.joined(separator: "\n")
    }

    private static func message(_ object: [String: Any], isMetadata: Bool) throws -> MessageDefinition? {
        let name = object["name"] as? String ?? ""
        let versionsText = object["validVersions"] as? String ?? ""
        if versionsText == "none" { return nil }
        let kindText = object["type"] as? String ?? ""
        let kind = kindText == "metadata" && !isMetadata ? .remoteLog : MessageDefinition.Kind(rawValue: kindText)
        guard let kind, let versions = VersionRange(text: versionsText) else { throw Malformed(what: name) }
        var message = MessageDefinition(kind: kind, name: name, versions: versions)
        message.key = (object["apiKey"] as? Int).map(Int16.init)
        message.flexibleFrom = VersionRange(text: object["flexibleVersions"] as? String ?? "none")?.lowest
        if object["latestVersionUnstable"] as? Bool == true { message.unstableVersion = versions.highest }
        message.listeners = object["listeners"] as? [String] ?? []
        message.fields = try self.fields(object["fields"])
        for structure in object["commonStructs"] as? [[String: Any]] ?? [] {
            guard let name = structure["name"] as? String,
                let versions = VersionRange(text: structure["versions"] as? String ?? "")
            else { throw Malformed(what: name) }
            message.sharedStructures.append(
                StructureDefinition(name: name, versions: versions, fields: try self.fields(structure["fields"])))
        }
        return message
    }

    private static func fields(_ object: Any?) throws -> [FieldDefinition] {
        try (object as? [[String: Any]] ?? []).map { object in
            let name = object["name"] as? String ?? ""
            let tagged = (object["taggedVersions"] as? String).flatMap { VersionRange(text: $0) }
            let versions = (object["versions"] as? String).flatMap { VersionRange(text: $0) } ?? tagged
            let typeText = object["type"] as? String ?? ""
            let type = FieldType(text: typeText.hasPrefix("[]") ? "[\(typeText.dropFirst(2))]" : typeText)
            guard let versions, let type else { throw Malformed(what: name) }
            if let tagged, tagged != versions { throw Malformed(what: "\(name): tagged in some versions only") }
            var field = FieldDefinition(name: name, type: type, versions: versions)
            field.nullable = (object["nullableVersions"] as? String).flatMap { VersionRange(text: $0) }
            field.defaultText = self.defaultText(object["default"])
            if let tag = object["tag"] { field.tag = UInt32("\(tag)") }
            field.entityType = object["entityType"] as? String
            field.isIgnorable = object["ignorable"] as? Bool ?? false
            field.isMapKey = object["mapKey"] as? Bool ?? false
            field.isInflexible = object["flexibleVersions"] as? String == "none"
            field.fields = try self.fields(object["fields"])
            return field
        }
    }

    /// The default in our words. A null that is not in quotes is no default at all to Kafka's generator.
    private static func defaultText(_ value: Any?) -> String? {
        guard let value, !(value is NSNull) else { return nil }
        let text = value as? String ?? (value as? Bool == true && !(value is Int) ? "true" : "\(value)")
        return Self.normalized(text.isEmpty ? nil : text)
    }

    /// Numbers in decimal; nil for zero and false.
    static func normalized(_ text: String?) -> String? {
        guard let text, text != "false" else { return nil }
        let number = text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
        return number == 0 ? nil : number.map(String.init) ?? text
    }
}
