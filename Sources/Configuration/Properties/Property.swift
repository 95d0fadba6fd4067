/// One key and its value, as they were written.
package struct Property: Hashable, Sendable {
    package var key: String
    package var value: String
    package var origin: PropertyOrigin

    package init(key: String, value: String, origin: PropertyOrigin) {
        self.key = key
        self.value = value
        self.origin = origin
    }
}
