/// Renders what is known of all messages of a target together: the API keys, or the metadata records.
package enum CatalogRenderer {
    /// Names of the API keys, and one row of facts for each.
    package static func apiTable(_ messages: [MessageDefinition]) -> String {
        let requests = messages.filter { $0.kind == .request }.sorted { ($0.key ?? 0) < ($1.key ?? 0) }
        return SwiftSource.file { source in
            source.block("extension APIKey") { source in
                for request in requests {
                    let name = SwiftSource.identifier(APIName.of(request))
                    source.line("public static let \(name) = APIKey(rawValue: \(request.key ?? 0))")
                }
            }
            source.line("")
            source.block("extension APITable") { source in
                source.line("static let rows: [APIDescription] = [")
                source.indented { source in
                    for request in requests { self.row(request, to: &source) }
                }
                source.line("]")
                source.line("")
                source.line("/// The type of every request, in the order of the rows.")
                self.types(requests, name: "requestTypes", conforming: "KafkaRequest", to: &source)
            }
        }
    }

    /// All types of the target, for tests that go through every message.
    package static func storedMessages(_ messages: [MessageDefinition]) -> String {
        SwiftSource.file { source in
            source.line("package import KafkaPrimitives")
            source.line("")
            source.line("/// Everything that is stored.")
            source.block("package enum StoredMessages") { source in
                source.line("/// The type of every message, by name.")
                let sorted = messages.sorted { $0.name < $1.name }
                self.types(sorted, name: "types", conforming: "KafkaMessage", to: &source)
            }
        }
    }

    private static func types(
        _ messages: [MessageDefinition], name: String, conforming word: String, to source: inout SwiftSource
    ) {
        source.line("package static let \(name): [any \(word).Type] = [")
        source.indented { source in
            for message in messages { source.line("\(message.name).self,") }
        }
        source.line("]")
    }

    private static func row(_ request: MessageDefinition, to source: inout SwiftSource) {
        let name = APIName.of(request)
        let versions = "\(request.versions.lowest)...\(request.versions.highest)"
        let flexible = request.flexibleFrom.map(String.init) ?? "nil"
        let unstable = request.unstableVersion.map { ", unstableVersion: \($0)" } ?? ""
        let listeners = request.listeners.sorted().map { ".\($0)" }.joined(separator: ", ")
        source.line("APIDescription(")
        source.indented { source in
            source.line(
                ".\(SwiftSource.lowered(name)), \"\(name)\", \(versions), flexibleFrom: \(flexible), "
                    + "[\(listeners)]\(unstable)),")
        }
    }

    /// One enumeration over all records of the metadata log.
    package static func metadataRecords(_ messages: [MessageDefinition]) -> String {
        let records = messages.filter { $0.kind == .metadata }.sorted { ($0.key ?? 0) < ($1.key ?? 0) }
        return SwiftSource.file { source in
            source.line("import KafkaPrimitives")
            source.line("")
            source.line("/// One record of the metadata log, of whatever type.")
            source.block("public enum MetadataRecord: Sendable, Equatable") { source in
                for record in records { source.line("case \(self.caseName(record))(\(record.name))") }
            }
            source.line("")
            source.block("extension MetadataRecord") { source in
                self.properties(records, to: &source)
                source.line("")
                source.line("init?(type: Int16, from reader: inout ByteReader, version: Int16) throws(DecodeError) {")
                source.indented { source in
                    source.line("switch type {")
                    for record in records {
                        source.line(
                            "case \(record.key ?? 0): self = "
                                + ".\(self.caseName(record))(try \(record.name)(from: &reader, version: version))")
                    }
                    source.line("default: return nil")
                    source.line("}")
                }
                source.line("}")
                source.line("")
                source.block("func encodeMessage(into writer: inout ByteWriter, version: Int16)") { source in
                    source.line("switch self {")
                    for record in records {
                        source.line(
                            "case .\(self.caseName(record))(let record): "
                                + "record.encode(into: &writer, version: version)")
                    }
                    source.line("}")
                }
            }
        }
    }

    private static func properties(_ records: [MessageDefinition], to source: inout SwiftSource) {
        source.line("/// The number that the frame carries.")
        source.block("public var recordType: Int16") { source in
            source.line("switch self {")
            for record in records { source.line("case .\(self.caseName(record)): \(record.key ?? 0)") }
            source.line("}")
        }
        source.line("")
        source.line("/// The versions of the record's message that are known.")
        source.block("public var validVersions: ClosedRange<Int16>") { source in
            source.line("switch self {")
            for record in records {
                source.line("case .\(self.caseName(record)): \(record.name).validVersions")
            }
            source.line("}")
        }
        source.line("")
        source.line("/// Kafka's name of the record.")
        source.block("public var name: String") { source in
            source.line("switch self {")
            for record in records { source.line("case .\(self.caseName(record)): \"\(record.name)\"") }
            source.line("}")
        }
    }

    private static func caseName(_ record: MessageDefinition) -> String {
        let suffix = "Record"
        let name = record.name.hasSuffix(suffix) ? String(record.name.dropLast(suffix.count)) : record.name
        return SwiftSource.identifier(name)
    }
}
