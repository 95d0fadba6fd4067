/// An argument that is known by its place.
package struct OperandDeclaration: Hashable, Sendable {
    /// How help names it: `FILE`.
    package var name: String
    package var help: String
    package var isRequired: Bool
    /// Takes all that follow.
    package var isRepeated: Bool
    package var completion: OptionDeclaration.Completion

    package init(
        _ name: String, required: Bool = true, repeated: Bool = false,
        completion: OptionDeclaration.Completion = .nothing, _ help: String
    ) {
        self.name = name
        self.isRequired = required
        self.isRepeated = repeated
        self.completion = completion
        self.help = help
    }

    /// `FILE`, `[FILE]`, `FILE...`
    var usage: String {
        let name = self.isRepeated ? "\(self.name)..." : self.name
        return self.isRequired ? name : "[\(name)]"
    }
}
