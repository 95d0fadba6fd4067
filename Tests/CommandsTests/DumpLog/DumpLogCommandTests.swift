import Commands
import Foundation
import Synchronization
import Testing

@Suite("apus dump-log")
struct DumpLogCommandTests {
    private static let fixtures = Bundle.module.resourceURL?.appendingPathComponent("Fixtures").path ?? ""
    private static let metadata = "__cluster_metadata-0/00000000000000000000"
    private static let orders = "orders-0/00000000000000000006"

    /// Runs the command on a fixture, whose path is cut from what it writes.
    private static func dump(_ path: String, _ options: String..., in folder: String = Self.fixtures) -> (
        status: Int32, lines: [String]
    ) {
        let written = Mutex("")
        let terminal = Terminal(output: { text in written.withLock { $0 += text } }, errors: { _ in })
        let status = ApusProgram.run(["dump-log"] + options + ["\(folder)/\(path)"], terminal: terminal)
        let text = written.withLock { $0 }.replacingOccurrences(of: "\(folder)/", with: "")
        return (status, text.split(separator: "\n").map(String.init))
    }

    /// Runs the command on a copy of a fixture's folder in which `damage` has changed a file, and returns the problems.
    private static func problems(
        _ path: String, _ options: String..., damaging file: String? = nil, _ damage: (inout Data) -> Void
    ) throws -> [String] {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: Self.fixtures, toPath: copy.path)
        defer {
            do { try FileManager.default.removeItem(at: copy) } catch { Issue.record(error) }
        }
        let target = copy.appendingPathComponent(file ?? path)
        var content = try Data(contentsOf: target)
        damage(&content)
        try content.write(to: target)
        let written = Mutex("")
        let terminal = Terminal(output: { text in written.withLock { $0 += text } }, errors: { _ in })
        let status = ApusProgram.run(
            ["dump-log", "--deep"] + options + [copy.appendingPathComponent(path).path], terminal: terminal)
        let found = written.withLock { $0 }.split(separator: "\n").filter { $0.hasPrefix("PROBLEM") }
            .map { $0.replacingOccurrences(of: "\(copy.path)/", with: "") }
        #expect(status == (found.isEmpty ? 0 : 1))
        return found
    }

    @Test(
        "files that Kafka wrote have no problems",
        arguments: [
            "\(Self.metadata).log", "\(Self.metadata).index", "\(Self.metadata).timeindex", "bootstrap.checkpoint",
            "\(Self.orders).log", "\(Self.orders).txnindex", "\(Self.orders).snapshot", "meta.properties",
            "recovery-point-offset-checkpoint", "__cluster_metadata-0/quorum-state",
            "__cluster_metadata-0/partition.metadata", "__cluster_metadata-0/leader-epoch-checkpoint",
        ])
    func good(path: String) {
        let dump = Self.dump(path, "--deep")
        #expect(dump.status == 0)
        #expect(dump.lines.count > 2)
        #expect(!dump.lines.contains { $0.hasPrefix("PROBLEM") })
    }

    @Test("an offset index is a table")
    func offsetIndex() {
        #expect(
            Self.dump("\(Self.metadata).index").lines == [
                "\(Self.metadata).index (offset index)", "offset  position", "    95      7092", "   154     11425",
                "   210     15543", "   267     19647", "   395     26979",
            ])
    }

    @Test("records of the metadata log are decoded, and only those of the range are shown")
    func metadataRecords() {
        #expect(
            Self.dump("\(Self.metadata).log", "--offset", "6..8").lines == [
                "\(Self.metadata).log (segment)",
                "batch position=91 first=1 last=9 records=9 bytes=330 codec=none epoch=1 "
                    + "max-time=2026-11-21T11:56:18.210Z producer=- sequence=- flags=-",
                "  metadataRecord offset=6 time=2026-11-21T11:56:18.210Z record=FeatureLevelRecord "
                    + #"content={"name":"streams.version","featureLevel":1}"#,
                "  metadataRecord offset=7 time=2026-11-21T11:56:18.210Z record=FeatureLevelRecord "
                    + #"content={"name":"transaction.version","featureLevel":2}"#,
                "  metadataRecord offset=8 time=2026-11-21T11:56:18.210Z record=ConfigRecord "
                    + #"content={"resourceType":4,"resourceName":"","name":"min.insync.replicas","value":"1"}"#,
            ])
    }

    @Test("programs get an object a line")
    func json() {
        let path = "bootstrap.checkpoint"
        #expect(
            Self.dump(path, "--json", "--offset", "0").lines == [
                #"{"file":"bootstrap.checkpoint","type":"file","kind":"metadata snapshot"}"#,
                #"{"file":"bootstrap.checkpoint","type":"batch","position":0,"baseOffset":0,"lastOffset":0,"#
                    + #""recordCount":1,"sizeInBytes":83,"codec":"none","leaderEpoch":0,"maxTimestamp":1795262167109,"#
                    + #""baseTimestamp":1795262167109,"timestampType":"CreateTime","producerId":-1,"producerEpoch":-1,"#
                    + #""baseSequence":-1,"lastSequence":-1,"isTransactional":false,"isControl":true,"#
                    + #""deleteHorizonMs":null,"crc":CRC}"#.replacingOccurrences(of: "CRC", with: "\(Self.crc(path))"),
                #"{"file":"bootstrap.checkpoint","type":"controlRecord","offset":0,"timestamp":1795262167109,"#
                    + #""record":"snapshotHeader","content":{"version":0,"lastContainedLogTimestamp":0}}"#,
            ])
    }

    /// The checksum in the first batch of a file.
    private static func crc(_ path: String) -> UInt32 {
        let content = FileManager.default.contents(atPath: "\(Self.fixtures)/\(path)") ?? Data()
        return content[17..<21].reduce(0) { $0 << 8 | UInt32($1) }
    }

    @Test("a changed byte is a wrong checksum of its batch")
    func checksum() throws {
        let found = try Self.problems("\(Self.metadata).log") { $0[200] ^= 1 }
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("PROBLEM in \(Self.metadata).log at position 91: the checksum is "))
    }

    @Test("a cut segment is told with the place from which it cannot be read")
    func cutSegment() throws {
        #expect(
            try Self.problems("\(Self.metadata).log") { $0.removeLast($0.count - 400) } == [
                "PROBLEM in \(Self.metadata).log at position 91: a batch of 330 bytes begins here, and only 309 are left"
            ])
        #expect(
            try Self.problems("\(Self.metadata).log") { $0.removeLast($0.count - 95) } == [
                "PROBLEM in \(Self.metadata).log at position 91: 4 bytes at the end are no batch"
            ])
    }

    @Test("a segment in which a batch is repeated is out of order")
    func order() throws {
        #expect(
            try Self.problems("\(Self.metadata).log") { $0 = $0.prefix(91) + $0.prefix(91) } == [
                "PROBLEM in \(Self.metadata).log at position 91: base offset 0 comes after offset 0"
            ])
    }

    @Test("an offset index that leads elsewhere is told")
    func wrongIndex() throws {
        #expect(
            try Self.problems("\(Self.metadata).index") { $0[7] ^= 1 } == [
                "PROBLEM in \(Self.metadata).index at position 0: offset 95 leads to 7093, where no batch begins "
                    + "(the segment's batches end at 27210)"
            ])
        #expect(
            try Self.problems("\(Self.metadata).index") { $0[3] += 1 } == [
                "PROBLEM in \(Self.metadata).index at position 0: offset 96 leads to 7092, where the batch of offsets 95 "
                    + "to 95 begins"
            ])
        #expect(
            try Self.problems("\(Self.metadata).index", damaging: "\(Self.metadata).log") { $0 = $0.prefix(8000) }.count
                == 4)
    }

    @Test("a time index that promises too much or too little is told")
    func wrongTimes() throws {
        #expect(
            try Self.problems("\(Self.metadata).timeindex") { $0[7] -= 1 }.map { $0.contains("later than the entry's") }
                == [true])
        #expect(
            try Self.problems("\(Self.metadata).timeindex") { $0[7] += 1 }.map { $0.contains("has a time as late as") }
                == [true])
    }

    @Test("zeros behind the entries of an index are space that is not used yet")
    func preallocated() throws {
        #expect(try Self.problems("\(Self.metadata).index") { $0.append(Data(count: 80)) } == [])
        #expect(
            try Self.problems("\(Self.metadata).index") { $0.append(Data([1, 2, 3])) } == [
                "PROBLEM in \(Self.metadata).index: 43 bytes are no multiple of an entry's 8",
                "PROBLEM in \(Self.metadata).index at position 40: the last entry is cut",
            ])
    }

    @Test("a snapshot without its footer is not whole")
    func cutSnapshot() throws {
        #expect(
            try Self.problems("bootstrap.checkpoint") { $0 = $0.prefix(336) } == [
                "PROBLEM in bootstrap.checkpoint: the snapshot does not end with a footer: it is not whole"
            ])
    }

    @Test(
        "damage to small files is told",
        arguments: [
            ("recovery-point-offset-checkpoint", "0\n2\na 0 1\n", ": line 2: 2 entries are announced, and there are 1"),
            ("recovery-point-offset-checkpoint", "0\n2\na 0 1\na 0 1\n", ": line 4: the partition is there twice"),
            ("recovery-point-offset-checkpoint", "1\n0\n", ": line 1: the version is 1, and not 0"),
            ("__cluster_metadata-0/leader-epoch-checkpoint", "0\n2\n3 9\n4 9\n", ": line 4: the entry does not ascend"),
            ("__cluster_metadata-0/partition.metadata", "version: 0\ntopic_id: x", ": topic_id is not an id"),
            ("meta.properties", "version=1\ncluster.id=c\n", ": node.id is not a number"),
            ("\(Self.orders).snapshot", "\0\u{1}", " at position 2: the snapshot cannot be read: truncated"),
        ])
    func smallFiles(path: String, content: String, problem: String) throws {
        #expect(try Self.problems(path) { $0 = Data(content.utf8) } == ["PROBLEM in \(path)\(problem)"])
    }

    @Test("a name that says nothing and a file that is not there are problems; a wrong range is not understood")
    func refused() {
        #expect(
            Self.dump("README.md").lines == [
                "README.md (unknown)",
                "PROBLEM in README.md: the name is not that of any file of a log directory",
            ])
        #expect(Self.dump("README.md").status == 1)
        #expect(Self.dump("absent.log").status == 1)
        #expect(Self.dump("meta.properties", "--offset", "9..3").status == 2)
    }
}
