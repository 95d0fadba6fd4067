import Foundation
import MessageSchema
import Testing

@Suite(
    "Our schemas hold the facts of Kafka's",
    .enabled(if: KafkaSpec.folder != nil, "Kafka's schemas are not here: ../shared/kafka/spec"))
struct KafkaFactsTests {
    /// APIs whose version 0 was early access and is gone.
    private static let withoutZero: ClosedRange<Int16> = 76...79

    private static func ours() throws -> [String: MessageDefinition] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        var messages: [String: MessageDefinition] = [:]
        for target in GeneratedTarget.all(packageAt: root) {
            for (_, message) in try target.messages() { messages[message.name] = message }
        }
        return messages
    }

    @Test("every message of 4.4 is there with its kind, key, versions and listeners")
    func messages() throws {
        let ours = try Self.ours()
        let newest = try KafkaSpec(release: "4.4.0").messages
        #expect(Set(ours.keys) == Set(newest.keys))
        for (name, theirs) in newest {
            let our = try #require(ours[name])
            let isRPC = theirs.kind == .request || theirs.kind == .response
            let key = our.key ?? ours[name.replacing("Response", with: "Request")]?.key ?? 0
            let lowest = isRPC ? (Self.withoutZero.contains(key) ? 1 : 0) : theirs.versions.lowest
            #expect(our.versions == VersionRange(lowest, theirs.versions.highest), "\(name)")
            #expect(our.kind == theirs.kind, "\(name)")
            #expect(our.kind == .response || our.key == theirs.key, "\(name)")
            #expect(our.flexibleFrom == theirs.flexibleFrom, "\(name)")
            #expect(our.unstableVersion == theirs.unstableVersion, "\(name)")
            #expect(our.listeners == theirs.listeners, "\(name)")
            #expect(our.sharedStructures.map(\.name) == theirs.sharedStructures.map(\.name), "\(name)")
        }
    }

    @Test("every field of 4.4 is there unchanged, and what is there besides is a field that 3.9 still had")
    func fields() throws {
        let ours = try Self.ours()
        let old = try KafkaSpec(release: "3.9.2").messages
        for (name, theirs) in try KafkaSpec(release: "4.4.0").messages {
            let our = try #require(ours[name])
            #expect(Self.differences(our.fields, theirs.fields, old: old[name]?.fields ?? [], at: name) == [])
            for (left, right) in zip(our.sharedStructures, theirs.sharedStructures) {
                #expect(left.versions == right.versions, "\(name)/\(left.name)")
                #expect(Self.differences(left.fields, right.fields, old: [], at: "\(name)/\(left.name)") == [])
            }
        }
    }

    private static func differences(
        _ ours: [FieldDefinition], _ theirs: [FieldDefinition], old: [FieldDefinition], at path: String
    ) -> [String] {
        var failures: [String] = []
        var rest = theirs[...]
        for our in ours {
            var our = our
            our.defaultText = KafkaSpec.normalized(our.defaultText)
            let former = old.first { $0.name == our.name }
            guard let their = rest.first, their.name == our.name else {
                if our != former { failures.append("\(path).\(our.name) is in neither release") }
                continue
            }
            rest.removeFirst()
            let inner = (our.fields, their.fields)
            var (left, right) = (our, their)
            left.fields = []
            right.fields = []
            if left != right { failures.append("\(path): \(left) is not \(right)") }
            failures += self.differences(inner.0, inner.1, old: former?.fields ?? [], at: "\(path).\(our.name)")
        }
        return failures + rest.map { "\(path).\($0.name) is missing" }
    }

    @Test("every version that a release knows has the same bytes in ours", arguments: ["3.9.2", "4.3.1", "4.4.0"])
    func layouts(release: String) throws {
        let ours = try Self.ours()
        let messages = try KafkaSpec(release: release).messages
        var compared = 0
        for (name, theirs) in messages {
            guard let our = ours[name] else {
                #expect(Self.isGone(theirs, in: release), "\(name)")
                continue
            }
            // Share groups of 3.9 were early access and changed without a new version.
            let request = messages[name.replacing("Response", with: "Request")]
            let isEarly = request?.unstableVersion == 0 || name.hasPrefix("ShareGroup")
            if release == "3.9.2", isEarly { continue }
            for version in theirs.versions.lowest...theirs.versions.highest {
                if self.isRenumbered(theirs, in: release) || name == "RequestHeader" && version == 0 { continue }
                #expect(our.versions.contains(version), "\(name) v\(version)")
                #expect(our.isFlexible(version) == theirs.isFlexible(version), "\(name) v\(version)")
                // What is stored may gain tagged fields without a new version.
                let isRPC = theirs.kind == .request || theirs.kind == .response
                let tags = isRPC ? nil : theirs.allTags
                let (left, right) = (our.wireLayout(of: version, tags: tags), theirs.wireLayout(of: version))
                #expect(left == right, "\(name) v\(version)")
                compared += 1
            }
        }
        #expect(compared > 400)
    }

    /// Before 4.0 the type of a coordinator's record was the version of its key.
    private func isRenumbered(_ message: MessageDefinition, in release: String) -> Bool {
        release == "3.9.2" && message.kind == .data && message.name.hasSuffix("Key")
    }

    private static func isGone(_ message: MessageDefinition, in release: String) -> Bool {
        let renamed = ["ListClientMetricsResourcesRequest", "ListClientMetricsResourcesResponse"]
        let earlyAccess = ["ShareGroupPartitionMetadataKey", "ShareGroupPartitionMetadataValue"]
        let ofZooKeeper = ["LeaderAndIsr", "StopReplica", "UpdateMetadata", "ControlledShutdown"]
        return release == "3.9.2"
            && (renamed.contains(message.name) || earlyAccess.contains(message.name)
                || ofZooKeeper.contains { message.name.hasPrefix($0) })
    }
}
