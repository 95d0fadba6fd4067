import Foundation
import Testing

/// Tables that another implementation printed.
enum Fixture {
    /// A whole file.
    static func text(_ name: String) throws -> String {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
        return try String(contentsOf: url, encoding: .utf8)
    }

    /// The tab-separated fields of every line that is not a comment.
    static func lines(_ name: String) throws -> [[String]] {
        try self.text("\(name).tsv").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
