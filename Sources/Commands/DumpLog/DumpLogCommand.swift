import ApusCore
import CommandLineArguments
import FileSystem

/// `apus dump-log`: Kafka's `kafka-dump-log`.
enum DumpLogCommand {
    static var command: Command {
        Command(self.declaration) { parsed, terminal in try self.run(parsed, terminal) }
    }

    static let declaration = CommandDeclaration(
        "dump-log", "Show what the files of a log directory hold, and check them.",
        discussion: """
            What a file is follows from its name: segments (.log), offset, time and transaction indexes (.index, \
            .timeindex, .txnindex), producer snapshots (.snapshot), metadata snapshots (.checkpoint), \
            leader-epoch-checkpoint, the offset checkpoints, quorum-state, partition.metadata, meta.properties and \
            .kafka_cleanshutdown. An index is held against the segment beside it.

            Files are only read, and may be in use: the last batch of a segment that is being written, and an index \
            that runs ahead of it, can then look damaged. Exits with 1 where something is wrong. Passwords in a \
            metadata log's configuration records are shown.
            """,
        options: [
            .flag("--records", "Show the records of segments as well as their batches."),
            .flag("--print-data-log", "The same as --records."),
            .flag("--deep", "Read the records too: decompress them and check each one. --records includes this."),
            .flag(
                "--metadata",
                "Read records as those of the metadata log. Implied in the folder __cluster_metadata-0 and for "
                    + ".checkpoint files."),
            .flag("--json", "One JSON object a line, for programs."),
            OptionDeclaration(
                "--offset", value: "RANGE",
                "Show only batches and records with these offsets: 100, 100..200 (with both ends), 100.. or ..200. "
                    + "Everything is checked all the same."),
        ],
        operands: [OperandDeclaration("FILE", repeated: true, completion: .files, "The files, in any order.")],
        examples: [
            "apus dump-log /var/lib/apus/orders-0/00000000000000000000.log",
            "apus dump-log --records --offset 100..120 /var/lib/apus/orders-0/00000000000000000000.log",
            "apus dump-log --json /var/lib/apus/__cluster_metadata-0/*.log",
        ])

    private static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let options = try DumpOptions(parsed)
        var report = DumpReport(terminal: terminal, isJSON: options.isJSON)
        let fileSystem = PosixFileSystem()
        for path in parsed.operands {
            do throws(FileSystemError) {
                try self.dump(path, options, fileSystem, &report)
            } catch {
                report.problem("\(error)")
            }
            report.end()
        }
        return report.problemCount == 0 ? 0 : 1
    }

    private static func dump(
        _ path: String, _ options: DumpOptions, _ fileSystem: PosixFileSystem, _ report: inout DumpReport
    ) throws(FileSystemError) {
        guard let file = StoredFile(path) else {
            report.begin(path, "unknown")
            report.problem("the name is not that of any file of a log directory")
            return
        }
        report.begin(path, file.kind.rawValue)
        switch file.kind {
        case .segment, .metadataSnapshot:
            var dump = LogDump(file, options, try fileSystem.open(path, .readOnly))
            try dump.run(&report)
        case .offsetIndex, .timeIndex:
            try IndexDump(file, fileSystem).run(&report)
        case .transactionIndex: try TransactionIndexDump.run(file, fileSystem, &report)
        case .producerSnapshot: try ProducerSnapshotDump.run(file, fileSystem, &report)
        case .leaderEpochs, .offsetCheckpoint:
            CheckpointDump(file.kind).run(try fileSystem.wholeText(of: path), &report)
        case .partitionMetadata, .metaProperties:
            PropertiesDump.run(file.kind, try fileSystem.wholeText(of: path), &report)
        case .quorumState: JSONFileDump.quorumState(try fileSystem.wholeText(of: path), &report)
        case .cleanShutdown: JSONFileDump.cleanShutdown(try fileSystem.wholeText(of: path), &report)
        }
    }
}
