import Configuration
import Foundation
import Testing

@Suite("Declared configs")
struct ConfigTableTests {
    @Test("names, types, defaults, importance and update modes are those of Kafka")
    func declarations() throws {
        var expected: [String] = []
        var found: [String] = []
        for fields in try Fixture.lines("config-keys-kafka-4.3.1") {
            let key = Self.table(fields[0])[fields[1]]
            expected.append(fields.joined(separator: " "))
            found.append(key.map { Self.row($0, table: fields[0], synonyms: fields[7]) } ?? "\(fields[1]) is missing")
        }
        #expect(found == expected)
        let ownOfTopics = ConfigTable.topic.keys.filter { $0.name.hasPrefix("apus.") }
        #expect(
            ConfigTable.topic.keys.count - ownOfTopics.count == expected.filter { $0.hasPrefix("topic") }.count)
        let added = Set(ConfigTable.broker.keys.map(\.name).filter { $0.hasPrefix("apus.") })
        #expect(ConfigTable.broker.keys.count - added.count == expected.filter { $0.hasPrefix("broker") }.count)
    }

    @Test("values are accepted, written and refused as by Kafka")
    func values() throws {
        for fields in try Fixture.lines("config-values-kafka-4.3.1") {
            let key = try #require(Self.table(fields[0])[fields[1]])
            let expected = fields[3] == "=" ? "= \(fields[4])" : "! \(fields[4])"
            let found: String
            do throws(ConfigValueError) {
                found = "= \(try key.parse(fields[2]).text ?? "")"
            } catch {
                found = "! \(error.message)"
            }
            #expect(found == expected, "\(key.name)=\(fields[2])")
        }
    }

    @Test("every default is accepted by its own validator and documented in one line")
    func defaults() {
        for key in ConfigTable.broker.keys + ConfigTable.topic.keys + ConfigTable.dynamicBroker.keys {
            #expect(key.defaultValue.text == key.defaultText || key.type == .list, "\(key.name)")
            #expect(key.documentation.hasSuffix("."), "\(key.name)")
        }
    }

    private static func table(_ name: String) -> ConfigTable { name == "broker" ? .broker : .topic }

    private static func row(_ key: ConfigKey, table: String, synonyms: String) -> String {
        let fields = [
            table, key.name, key.type.name, key.defaultText ?? "\\0", "\(key.importance)".uppercased(),
            "\(key.isInternal)", key.updateMode.rawValue, synonyms,
        ]
        return fields.joined(separator: " ")
    }
}
