import CommandLineArguments
import StorageFormat

/// `apus storage version-mapping`
enum VersionMappingCommand {
    static let declaration = CommandDeclaration(
        "version-mapping", "Tell which levels of the features go with a release.",
        options: [
            OptionDeclaration(
                "--release-version", short: "-r", value: "RELEASE",
                "The release, from 3.3-IV3 on. The newest where it is not given.")
        ])

    static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let name = parsed.value("--release-version")
        let release = try FeatureChoice(release: name, features: []).release
        terminal.line("metadata.version=\(release.level) (\(name ?? release.name))")
        for feature in release.features {
            terminal.line("\(feature.feature.rawValue)=\(feature.level)")
        }
        return 0
    }
}
