/// A value of a YAML file, and the line it begins in.
package struct YAMLNode: Equatable, Sendable {
    package indirect enum Content: Equatable, Sendable {
        /// As it is written, without quotes; an absent value is an empty one.
        case scalar(String)
        case list([YAMLNode])
        /// In the order of the file.
        case map([Entry])
    }

    package struct Entry: Equatable, Sendable {
        package var key: String
        /// From 1.
        package var line: Int
        package var value: YAMLNode
    }

    package var content: Content
    /// From 1.
    package var line: Int

    package init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }
}
