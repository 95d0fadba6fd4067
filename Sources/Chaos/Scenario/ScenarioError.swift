/// Why a scenario cannot be used, said for whoever wrote it.
package struct ScenarioError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// The file cannot be read.
        case file
        /// It is not YAML.
        case syntax
        case duplicateKey
        case unknownKey
        case missingKey
        /// A value is not one that its key can have.
        case invalidValue
        /// Values that do not go together.
        case conflict
    }

    package var code: Code
    package var file: String
    /// From 1; 0 where it is about the whole file.
    package var line: Int
    package var message: String

    package init(_ code: Code, file: String, line: Int, _ message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    package static func == (lhs: ScenarioError, rhs: ScenarioError) -> Bool {
        lhs.code == rhs.code && lhs.line == rhs.line
    }

    package var description: String {
        self.line > 0 ? "\(self.file):\(self.line): \(self.message)" : "\(self.file): \(self.message)"
    }
}
