import ApusCore
import Configuration
import FileSystem
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages
import LogStorage
import SimulatedStorage
import StorageFormat
import Testing

@Suite("Formatting of log directories")
struct StorageFormatterTests {
    private static let voters = "controller.quorum.voters=1@localhost:9094"
    private static let bootstrapServers = "controller.quorum.bootstrap.servers=localhost:9094"

    private static func configuration(_ quorum: String, id: Int = 1) throws -> BrokerConfiguration {
        let text = """
            process.roles=broker,controller
            node.id=\(id)
            \(quorum)
            controller.listener.names=CONTROLLER
            listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9094
            log.dirs=/data/a,/data/b
            """
        return try BrokerConfiguration(properties: try PropertyFile.parse(text, file: "f"))
    }

    private static func format(
        _ fileSystem: FileSystemPort, quorum: QuorumChoice = .fixed, configuration: BrokerConfiguration,
        cluster: String = "cluster", ignoresFormatted: Bool = false
    ) throws(StorageFormatError) -> [StorageFormatter.Formatted] {
        var random = SeededRandom(seed: 1)
        return try StorageFormatter(
            configuration: configuration, clusterID: cluster, quorum: quorum, ignoresFormatted: ignoresFormatted,
            fileSystem: fileSystem
        ).format(now: 1_795_261_520_574, using: &random)
    }

    private static func contents(_ fileSystem: FileSystemPort, _ path: String) throws -> ByteSlice {
        try #require(try fileSystem.contents(of: path, maxBytes: 1 << 20))
    }

    @Test("every directory gets an id of its own, the bootstrap checkpoint and the cluster's id")
    func fixedQuorum() throws {
        let fileSystem = SimulatedFileSystem()
        let configuration = try Self.configuration(Self.voters)
        let formatted = try Self.format(fileSystem, configuration: configuration)
        #expect(formatted == [.init(kind: .metadata, path: "/data/a"), .init(kind: .data, path: "/data/b")])
        var ids: Set<String?> = []
        for path in configuration.allDirectories {
            let found = try FormattedDirectories.read([path], fileSystem: fileSystem)
            let properties = try #require(found.first)
            #expect(properties["cluster.id"] == "cluster" && properties["node.id"] == "1")
            #expect(properties["version"] == "1")
            ids.insert(properties["directory.id"])
            let bootstrap = try Self.contents(fileSystem, "\(path)/bootstrap.checkpoint")
            #expect(try BootstrapCheckpoint(decoding: bootstrap) == BootstrapCheckpoint(FeatureChoice()))
        }
        #expect(ids.count == 2 && !ids.contains(nil))
        #expect(try fileSystem.attributes("/data/a/__cluster_metadata-0") == nil)
    }

    @Test("a standalone controller is the only voter of its snapshot, which has Kafka's bytes")
    func standalone() throws {
        let fileSystem = SimulatedFileSystem()
        let configuration = try Self.configuration(Self.bootstrapServers)
        let formatted = try Self.format(fileSystem, quorum: .standalone, configuration: configuration)
        #expect(formatted == [.init(kind: .dynamicVoter, path: "/data/a"), .init(kind: .data, path: "/data/b")])
        let path = "/data/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"
        let ours = try Self.contents(fileSystem, path)
        let directory = try FormattedDirectories.read(["/data/a"], fileSystem: fileSystem).first?["directory.id"]
        var mine = try Self.controlRecords(ours)
        var theirs = try Self.controlRecords(ByteSlice(KafkaFiles.voters))
        #expect(mine.voters.voters.map(\.voterDirectoryId.description) == [directory])
        mine.voters.voters[0].voterDirectoryId = .zero
        theirs.voters.voters[0].voterDirectoryId = .zero
        #expect(mine.voters == theirs.voters)
        #expect(mine.sizes == theirs.sizes)
    }

    @Test("a node among given voters takes its directory's id from them")
    func givenVoters() throws {
        let voters = try InitialVoter.list("1@localhost:9094:JEXY6aqzQY-32P5TStzaFg,2@b:9094:MvDxzVmcRsaTz33bUuRU6A")
        for (id, kind, own) in [
            (1, StorageFormatter.Formatted.Kind.dynamicVoter, "JEXY6aqzQY-32P5TStzaFg"),
            (2, .dynamicVoter, "MvDxzVmcRsaTz33bUuRU6A"), (3, .dynamicMetadata, nil),
        ] {
            let fileSystem = SimulatedFileSystem()
            let configuration = try Self.configuration(Self.bootstrapServers, id: id)
            let formatted = try Self.format(fileSystem, quorum: .voters(voters), configuration: configuration)
            #expect(formatted.first == .init(kind: kind, path: "/data/a"))
            let directory = try FormattedDirectories.read(["/data/a"], fileSystem: fileSystem).first?["directory.id"]
            if let own { #expect(directory == own) }
        }
    }

    @Test("formatted directories are refused, or left as they are, but never taken from another cluster")
    func alreadyFormatted() throws {
        let fileSystem = SimulatedFileSystem()
        let configuration = try Self.configuration(Self.voters)
        _ = try Self.format(fileSystem, configuration: configuration)
        let before = try Self.contents(fileSystem, "/data/a/meta.properties")
        #expect(throws: StorageFormatError(.alreadyFormatted, "")) {
            try Self.format(fileSystem, configuration: configuration)
        }
        #expect(try Self.format(fileSystem, configuration: configuration, ignoresFormatted: true) == [])
        #expect(throws: StorageFormatError(.foreignDirectory, "")) {
            try Self.format(fileSystem, configuration: configuration, cluster: "other", ignoresFormatted: true)
        }
        #expect(try Self.contents(fileSystem, "/data/a/meta.properties") == before)
    }

    @Test("after a crash at any step, what was formatted is whole and the rest can be formatted")
    func crashes() throws {
        let configuration = try Self.configuration(Self.bootstrapServers)
        for step in 1..<200 {
            let fileSystem = SimulatedFileSystem()
            fileSystem.crash(afterOperations: step)
            var survived = false
            do {
                _ = try Self.format(fileSystem, quorum: .standalone, configuration: configuration)
                survived = true
            } catch {}
            fileSystem.restartAfterPowerLoss(seed: UInt64(step))
            let formatted = try Self.format(
                fileSystem, quorum: .standalone, configuration: configuration, ignoresFormatted: true)
            if survived {
                #expect(formatted == [])
                return
            }
            for path in configuration.allDirectories {
                let bootstrap = try Self.contents(fileSystem, "\(path)/bootstrap.checkpoint")
                #expect(try BootstrapCheckpoint(decoding: bootstrap).records.count == 6, "step \(step)")
            }
            let snapshot = "/data/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"
            let voters = try Self.controlRecords(try Self.contents(fileSystem, snapshot)).voters.voters
            let directory = try FormattedDirectories.read(["/data/a"], fileSystem: fileSystem).first?["directory.id"]
            #expect(voters.map(\.voterDirectoryId.description) == [directory], "step \(step)")
        }
        Issue.record("formatting never came to its end")
    }

    @Test("a quorum that does not fit the node is refused")
    func quorumConflicts() throws {
        let fixed = try Self.configuration(Self.voters)
        let dynamic = try Self.configuration(Self.bootstrapServers)
        let fileSystem = SimulatedFileSystem()
        for (choice, configuration) in [
            (QuorumChoice.standalone, fixed), (.fixed, dynamic), (.none, fixed),
            (.voters(try InitialVoter.list("1@a:1:JEXY6aqzQY-32P5TStzaFg")), fixed),
        ] {
            #expect(throws: StorageFormatError(.quorumConflict, "")) {
                try Self.format(fileSystem, quorum: choice, configuration: configuration)
            }
        }
        #expect(try fileSystem.attributes("/data") == nil)
        for text in ["", "1@a:1", "a", "1@a:1:JEXY6aqzQY-32P5TStzaFg,1@b:1:MvDxzVmcRsaTz33bUuRU6A"] {
            #expect(throws: StorageFormatError(.malformedVoters, "")) { try InitialVoter.list(text) }
        }
    }

    /// The voters of a snapshot, and the sizes of its control records.
    private static func controlRecords(_ bytes: ByteSlice) throws -> (voters: VotersRecord, sizes: [Int]) {
        var scanner = LogEntryScanner(bytes)
        var voters = VotersRecord()
        var sizes: [Int] = []
        while case .batch(let batch)? = try scanner.next() {
            #expect(batch.hasValidChecksum && batch.header.isControl)
            var iterator = try RecordIterator(batch, scratch: CompressionScratch())
            while let record = try iterator.next() {
                let value = try #require(record.value)
                sizes.append(value.count)
                guard record.key.flatMap(ControlRecordType.init) == .kraftVoters else { continue }
                var reader = ByteReader(value)
                voters = try VotersRecord(from: &reader, version: 0)
            }
        }
        return (voters, sizes)
    }
}
