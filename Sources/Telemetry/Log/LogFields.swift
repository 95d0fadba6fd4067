/// The named values of a line of the log, in the order in which they were written.
package struct LogFields: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package var fields: [Field]

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: LogValue

        package init(name: String, value: LogValue) {
            self.name = name
            self.value = value
        }
    }

    package init(dictionaryLiteral elements: (String, LogValue)...) {
        self.fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}
