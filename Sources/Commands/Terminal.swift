/// Where a command writes.
package struct Terminal: Sendable {
    private let output: @Sendable (String) -> Void
    private let errors: @Sendable (String) -> Void

    /// Whether a person watches what goes on, on a screen that can take a line back.
    package let isWatched: Bool

    package init(
        isWatched: Bool = false, output: @escaping @Sendable (String) -> Void,
        errors: @escaping @Sendable (String) -> Void
    ) {
        self.isWatched = isWatched
        self.output = output
        self.errors = errors
    }

    /// A line of what was asked for.
    package func line(_ text: String) {
        self.output(text + "\n")
    }

    /// Text of what was asked for, as it is.
    package func write(_ text: String) {
        self.output(text)
    }

    /// A line about what goes on, in place of the last such line. Nothing where nobody watches: a file or a pipe gets no
    /// control characters.
    package func progress(_ text: String) {
        guard self.isWatched else { return }
        self.errors("\r\u{1b}[K" + text)
    }

    /// A line about what went wrong or is doubtful.
    package func complain(_ text: String) {
        self.errors(text + "\n")
    }
}
