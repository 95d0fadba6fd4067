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

func target(_ name: String, _ dependencies: [String] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) }, exclude: ["README.md"] + exclude,
        swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func tests(_ name: String, _ dependencies: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + dependencies).map { .byName(name: $0) }, resources: resources,
        swiftSettings: settings)
}

let package = Package(
    name: "apus",
    products: [
        // Loaded into processes by chaos runs; no program is linked with them.
        .library(name: "apus-source-address", type: .dynamic, targets: ["CSourceAddress"]),
        .library(name: "apus-fault-clock", type: .dynamic, targets: ["CFaultClock"]),
        .library(name: "apus-fault-disk", type: .dynamic, targets: ["CFaultDisk"]),
    ],
    targets: [
        // Level 0: vocabulary, and shims over the system.
        target("ApusCore"),
        library("COpenSSL", pkgConfig: "openssl", package: "libssl-dev"),
        library("CEvent", pkgConfig: "libevent", package: "libevent-dev"),
        library("CISAL", pkgConfig: "libisal", package: "libisal-dev"),
        library("CLZ4", pkgConfig: "liblz4", package: "liblz4-dev"),
        library("CSnappy", pkgConfig: "snappy", package: "libsnappy-dev"),
        library("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        library("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
        .target(
            name: "CFaultClock", exclude: ["README.md"],
            // Without this the linker would have every process that it is loaded into load the Swift library too.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib"])]),
        .target(
            name: "CFaultDisk", exclude: ["README.md"],
            // Without this the linker would have every process that it is loaded into load the Swift library too.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib"])]),
        .target(name: "CFileSystem", exclude: ["README.md"]),
        .target(name: "CHTTP", dependencies: ["CEvent"], exclude: ["README.md"]),
        .target(
            name: "CSourceAddress", exclude: ["README.md"],
            // Without this the linker would have every process that it is loaded into load the Swift library too.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib"])]),
        .target(name: "CSystem", exclude: ["README.md"]),
        target("MessageSchema"),
        .executableTarget(
            name: "generate-messages", dependencies: ["MessageSchema"], exclude: ["README.md"], swiftSettings: settings),

        // Level 1
        target("KafkaPrimitives", ["ApusCore"]),
        target("KafkaProtocol", ["ApusCore", "KafkaPrimitives"], exclude: ["Schemas"]),
        target("KafkaStoredMessages", ["ApusCore", "KafkaPrimitives"], exclude: ["Schemas"]),
        target("MessageSchemaTestSupport", ["ApusCore", "KafkaPrimitives", "MessageSchema"]),
        target("Configuration", ["ApusCore"]),
        target("EventLoop", ["ApusCore", "CSystem"]),
        target("StateMachine", ["ApusCore"]),
        target("FileSystem", ["CFileSystem", "KafkaPrimitives"]),
        target("SimulatedStorage", ["ApusCore", "FileSystem"]),
        target("Telemetry", ["ApusCore"]),
        target("CommandLineArguments", ["ApusCore"]),

        // Level 2
        target("History", ["ApusCore"]),
        target("KafkaRecords", ["ApusCore", "KafkaPrimitives", "CISAL", "CLZ4", "CSnappy", "CZlib", "CZstd"]),
        target("Raft", ["ApusCore"]),

        // Level 3
        target("ClusterMetadata", ["ApusCore", "KafkaPrimitives", "KafkaStoredMessages"]),
        target("LogStorage", ["ApusCore", "FileSystem", "KafkaPrimitives", "KafkaRecords", "KafkaStoredMessages"]),
        target("Networking", ["KafkaProtocol", "ApusCore", "COpenSSL", "CSystem", "EventLoop", "KafkaPrimitives"]),

        // Level 4
        target(
            "Quorum",
            [
                "ApusCore", "FileSystem", "KafkaPrimitives", "KafkaProtocol", "KafkaStoredMessages", "KafkaRecords",
                "Raft", "LogStorage",
            ]),
        target(
            "StorageFormat",
            [
                "ApusCore", "KafkaPrimitives", "KafkaStoredMessages", "Configuration", "FileSystem", "KafkaRecords",
                "LogStorage",
            ]),
        target("Replication", ["ApusCore"]),
        target(
            "Controller",
            [
                "ApusCore", "KafkaProtocol", "KafkaStoredMessages", "StateMachine",
                "ClusterMetadata",
            ]),

        // Level 5
        target(
            "Broker",
            [
                "ApusCore", "KafkaPrimitives", "KafkaProtocol", "KafkaStoredMessages", "Configuration", "FileSystem",
                "Telemetry", "EventLoop", "KafkaRecords", "LogStorage", "ClusterMetadata", "Networking", "Controller",
                "StateMachine", "StorageFormat", "Replication", "Quorum", "Raft",
            ]),
        target(
            "KafkaClient",
            ["ApusCore", "KafkaPrimitives", "KafkaProtocol", "EventLoop", "KafkaRecords", "Networking"]),

        target(
            "Simulation",
            [
                "ApusCore", "KafkaPrimitives", "KafkaProtocol", "KafkaStoredMessages", "Configuration", "EventLoop",
                "FileSystem", "SimulatedStorage", "Telemetry", "History", "KafkaRecords", "Raft", "ClusterMetadata",
                "LogStorage", "Networking", "StorageFormat", "Broker", "KafkaClient",
            ]),

        // Level 6
        target("AdminAPI", ["CHTTP", "CommandLineArguments", "Configuration", "EventLoop", "Telemetry"]),
        target("LocalCluster", ["CSystem"]),
        target(
            "Chaos",
            [
                "ApusCore", "KafkaPrimitives", "CSystem", "CYAML", "EventLoop", "History", "KafkaProtocol",
                "KafkaRecords", "KafkaClient", "LocalCluster",
            ]),
        target(
            "Commands",
            [
                "ApusCore", "KafkaPrimitives", "KafkaStoredMessages", "Configuration", "EventLoop", "FileSystem",
                "Telemetry", "CommandLineArguments", "History", "KafkaRecords", "ClusterMetadata", "LogStorage",
                "Networking", "StorageFormat", "KafkaClient", "Broker", "Simulation", "AdminAPI", "LocalCluster",
                "Chaos",
            ]),

        // Level 7
        .executableTarget(
            name: "apus", dependencies: ["Commands"], exclude: ["README.md"], swiftSettings: settings),

        // Tests
        .executableTarget(name: "fault-clock-probe", path: "Tests/FaultClockProbe"),
        .testTarget(name: "CFaultClockTests", dependencies: ["fault-clock-probe"], swiftSettings: settings),
        .executableTarget(name: "fault-disk-probe", path: "Tests/FaultDiskProbe"),
        .testTarget(name: "CFaultDiskTests", dependencies: ["fault-disk-probe"], swiftSettings: settings),
        tests("ApusCore"),
        tests("KafkaPrimitives", ["ApusCore"]),
        tests("MessageSchema", ["generate-messages"]),
        tests(
            "KafkaProtocol", ["KafkaPrimitives", "MessageSchema", "MessageSchemaTestSupport"],
            resources: [.copy("Golden")]),
        tests(
            "KafkaStoredMessages", ["ApusCore", "KafkaPrimitives", "MessageSchema", "MessageSchemaTestSupport"],
            resources: [.copy("Golden")]),
        tests("StateMachine"),
        tests("Configuration", ["ApusCore"], resources: [.copy("Fixtures")]),
        tests("EventLoop", ["ApusCore", "CSystem"]),
        tests("Telemetry", ["ApusCore"]),
        tests("CommandLineArguments"),
        tests("KafkaRecords", ["ApusCore", "KafkaPrimitives"], resources: [.copy("Golden")]),
        tests("History", ["ApusCore"]),
        tests("Raft", ["ApusCore", "EventLoop"]),
        tests("ClusterMetadata", ["ApusCore", "KafkaPrimitives", "KafkaStoredMessages"]),
        tests(
            "Controller",
            ["ApusCore", "KafkaPrimitives", "KafkaProtocol", "KafkaStoredMessages", "StateMachine", "ClusterMetadata"],
            resources: [.copy("Golden")]),
        tests("FileSystem", ["SimulatedStorage", "KafkaPrimitives"]),
        tests("Replication", ["ApusCore", "EventLoop"]),
        tests(
            "Quorum",
            [
                "ApusCore", "FileSystem", "SimulatedStorage", "KafkaPrimitives", "KafkaProtocol",
                "KafkaStoredMessages", "KafkaRecords", "Raft", "LogStorage",
            ]),
        tests("Networking", ["ApusCore", "CSystem", "EventLoop", "KafkaPrimitives"]),
        tests(
            "Broker",
            [
                "ApusCore", "KafkaPrimitives", "KafkaProtocol", "KafkaStoredMessages", "Configuration",
                "EventLoop", "FileSystem", "SimulatedStorage", "Telemetry", "KafkaRecords", "Raft",
                "ClusterMetadata", "LogStorage", "Networking", "Replication", "KafkaClient", "StorageFormat",
                "CSystem",
            ]),
        tests(
            "LogStorage", ["ApusCore", "FileSystem", "SimulatedStorage", "KafkaPrimitives", "KafkaRecords"],
            resources: [.copy("ProducerState/ProducerGolden"), .copy("Fixtures")]),
        tests(
            "KafkaClient",
            ["ApusCore", "KafkaPrimitives", "KafkaProtocol", "EventLoop", "KafkaRecords", "LocalCluster"]),
        tests(
            "StorageFormat",
            [
                "ApusCore", "KafkaPrimitives", "KafkaStoredMessages", "Configuration", "FileSystem",
                "SimulatedStorage", "KafkaRecords", "LogStorage",
            ]),
        tests(
            "Simulation",
            [
                "ApusCore", "CSystem", "EventLoop", "KafkaClient", "KafkaPrimitives", "KafkaProtocol", "KafkaRecords",
                "Networking", "Configuration", "FileSystem", "SimulatedStorage", "Broker", "ClusterMetadata", "Raft",
                "History",
            ]),
        tests("Commands", ["ApusCore", "KafkaClient"], resources: [.copy("DumpLog/Fixtures")]),
        tests("AdminAPI", ["CommandLineArguments", "Configuration", "Telemetry"]),
        tests("LocalCluster"),
        tests("Chaos", ["ApusCore"]),
    ]
)
