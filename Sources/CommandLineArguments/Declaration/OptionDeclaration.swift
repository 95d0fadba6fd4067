/// An option of a command: `--config FILE`, `-c FILE`, or a flag without a value.
package struct OptionDeclaration: Hashable, Sendable {
    /// With its dashes: `--config`.
    package var name: String
    /// With its dash: `-c`.
    package var short: String?
    /// How help names the value; nil for a flag.
    package var value: String?
    /// One or two sentences.
    package var help: String
    package var isRequired: Bool
    /// May be given more than once.
    package var isRepeated: Bool
    package var completion: Completion

    /// What a shell offers for the value.
    package enum Completion: Hashable, Sendable {
        case nothing
        case files
        case directories
        /// One of these, and nothing else is accepted.
        case choices([String])
    }

    /// An option with a value.
    package init(
        _ name: String, short: String? = nil, value: String, required: Bool = false, repeated: Bool = false,
        completion: Completion = .nothing, _ help: String
    ) {
        precondition(name.hasPrefix("--"), "an option begins with two dashes")
        self.name = name
        self.short = short
        self.value = value
        self.isRequired = required
        self.isRepeated = repeated
        self.completion = completion
        self.help = help
    }

    /// A flag.
    package static func flag(_ name: String, short: String? = nil, _ help: String) -> OptionDeclaration {
        var option = OptionDeclaration(name, short: short, value: "", help)
        option.value = nil
        return option
    }

    /// `-c, --config FILE`
    var title: String {
        let names = self.short.map { "\($0), \(self.name)" } ?? "    \(self.name)"
        return self.value.map { "\(names) \($0)" } ?? names
    }
}
