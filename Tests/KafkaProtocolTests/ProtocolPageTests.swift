import Foundation
import KafkaProtocol
import MessageSchemaTestSupport
import Testing

@Suite("The page on protocol coverage")
struct ProtocolPageTests {
    @Test("has a row for every API, with the versions that are known")
    func rows() throws {
        let root = SchemaLayouts.packageRoot(of: #filePath)
        let page = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").compactMap { line -> [String]? in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count == 6, Int16(cells[0]) != nil else { return nil }
            return Array(cells.prefix(5))
        }
        #expect(rows == APITable.all.map(Self.row))
    }

    private static func row(_ api: APIDescription) -> [String] {
        let (low, high) = (api.versions.lowerBound, api.versions.upperBound)
        let versions = low == high ? "\(low)" : "\(low)-\(high)"
        let listeners = [
            api.listeners.contains(.broker) ? "broker" : nil, api.listeners.contains(.controller) ? "controller" : nil,
        ].compactMap { $0 }
        return [
            "\(api.key.rawValue)", api.name, versions + (api.unstableVersion == nil ? "" : " (newest unstable)"),
            api.flexibleFrom.map(String.init) ?? "-", listeners.joined(separator: ", "),
        ]
    }
}
