/// Renders one message as Swift: a structure with straight-line code to read and write every version.
package struct MessageRenderer {
    let layout: MessageLayout
    var message: MessageDefinition { self.layout.message }

    package init(_ layout: MessageLayout) {
        self.layout = layout
    }

    /// The whole source file.
    package func source() -> String {
        SwiftSource.file { source in
            if self.usesVocabulary { source.line("public import ApusCore") }
            source.line("public import KafkaPrimitives")
            source.line("")
            self.render(self.layout.structures[0], to: &source)
        }
    }

    private var usesVocabulary: Bool {
        self.layout.structures.contains { structure in
            structure.fields.compactMap { FieldShape($0, in: structure) }.contains { shape in
                switch shape.field.type {
                case .uuid, .array(.uuid): true
                default: shape.element.form != .raw
                }
            }
        }
    }

    private func render(_ structure: MessageLayout.Structure, to source: inout SwiftSource) {
        let isMessage = structure.name == self.message.name
        let shapes = structure.fields.compactMap { FieldShape($0, in: structure) }
        if isMessage { self.summary.forEach { source.line($0) } }
        let conformances = (isMessage ? self.conformance : "Sendable") + (structure.isCompared ? ", Equatable" : "")
        source.block("public struct \(structure.name): \(conformances)") { source in
            if isMessage {
                self.constants(to: &source)
                source.line("")
            }
            for shape in shapes { self.property(shape, to: &source) }
            if !shapes.isEmpty { source.line("") }
            source.line("public init() {}")
            source.line("")
            self.decoder(of: structure, shapes, isMessage: isMessage, to: &source)
            source.line("")
            self.encoder(of: structure, shapes, isMessage: isMessage, to: &source)
            if isMessage {
                for inner in self.layout.structures.dropFirst() {
                    source.line("")
                    self.render(inner, to: &source)
                }
            }
        }
    }

    private var summary: [String] {
        let flexible = self.message.flexibleFrom.map { ", flexible from \($0)" } ?? ""
        let versions = "versions \(self.message.versions)\(flexible)"
        return switch self.message.kind {
        case .request: ["/// Kafka's \(self.message.name): API key \(self.message.key ?? -1), \(versions)."]
        case .response, .header, .data: ["/// Kafka's \(self.message.name): \(versions)."]
        case .metadata, .coordinatorKey, .coordinatorValue, .remoteLog:
            ["/// Kafka's \(self.message.name): record type \(self.message.key ?? -1), \(versions)."]
        }
    }

    private var conformance: String {
        switch self.message.kind {
        case .request: "KafkaRequest"
        case .response: "KafkaResponse"
        default: "KafkaMessage"
        }
    }

    private func constants(to source: inout SwiftSource) {
        let versions = self.message.versions
        if self.message.kind == .request {
            let name = APIName.of(self.message)
            source.line("public typealias Response = \(name)Response")
            source.line("")
            source.line("public static var apiKey: APIKey { .\(SwiftSource.lowered(name)) }")
        } else if let key = self.message.key {
            source.line("public static var recordType: Int16 { \(key) }")
        }
        source.line("public static var validVersions: ClosedRange<Int16> { \(versions.lowest)...\(versions.highest) }")
        let flexible = self.message.flexibleFrom.map { "\($0)..." } ?? "Int16.max..."
        source.line("public static var flexibleVersions: PartialRangeFrom<Int16> { \(flexible) }")
    }

    private func property(_ shape: FieldShape, to source: inout SwiftSource) {
        var notes: [String] = []
        if shape.condition != nil { notes.append("Versions \(shape.field.versions).") }
        if case .when = shape.nullability, let nullable = shape.field.nullable {
            notes.append("Nullable in \(nullable).")
        }
        if !notes.isEmpty { source.line("/// " + notes.joined(separator: " ")) }
        source.line("public var \(SwiftSource.identifier(shape.field.name)): \(shape.typeName) = \(shape.defaultValue)")
    }

    // MARK: What decoder and encoder share

    /// The expression that tells whether lengths are compact.
    func compactness(in structure: MessageLayout.Structure, _ field: FieldDefinition? = nil) -> String {
        guard let first = self.message.flexibleFrom, first <= structure.versions.highest else { return "false" }
        if field?.isInflexible == true { return "false" }
        return first <= structure.versions.lowest ? "true" : "flexible"
    }

    /// `let flexible = ...`, where a field or the tagged fields ask for it.
    func declareFlexible(in structure: MessageLayout.Structure, to source: inout SwiftSource) {
        guard self.compactness(in: structure) == "flexible", let first = self.message.flexibleFrom else { return }
        source.line("let flexible = version >= \(first)")
    }

    /// `body`, in the versions that have tagged fields.
    func whenFlexible(
        in structure: MessageLayout.Structure, to source: inout SwiftSource, _ body: (inout SwiftSource) -> Void
    ) {
        switch self.compactness(in: structure) {
        case "true": body(&source)
        case "flexible": source.block("if flexible", body)
        default: break
        }
    }
}

/// The name of an API: that of its request without the word.
enum APIName {
    static func of(_ message: MessageDefinition) -> String {
        let suffix = "Request"
        return message.name.hasSuffix(suffix) ? String(message.name.dropLast(suffix.count)) : message.name
    }
}
