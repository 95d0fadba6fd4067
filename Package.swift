// swift-tools-version: 6.2
import PackageDescription

// The order below is the order of the levels: a target may depend only on targets above it in this file. Think hard
// before you add a dependency; the wall between the pure machines and the world is what makes them testable.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, exclude: ["README.md"],
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + dependencies).map { .byName(name: $0) }, resources: resources,
        swiftSettings: settings)
}

let package = Package(
    name: "apus",
    targets: [
        // Level 0: vocabulary, and shims over the system.
        target("ApusCore"),

        // Level 1
        target("KafkaPrimitives", ["ApusCore"]),

        // Level 2
        target("Raft", ["ApusCore"]),

        // Tests
        tests("ApusCore"),
        tests("KafkaPrimitives", ["ApusCore"]),
        tests("Raft", ["ApusCore"]),
    ]
)
