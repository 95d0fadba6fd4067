/// What is wrong with a schema, for whoever wrote it.
package struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    /// The line of the schema, from 1; 0 where no line is to blame.
    package var line: Int

    package init(_ message: String, line: Int = 0) {
        self.message = message
        self.line = line
    }

    package var description: String { self.line == 0 ? self.message : "line \(self.line): \(self.message)" }
}
