import ApusCore
import CommandLineArguments
import FileSystem
import KafkaPrimitives
import KafkaRecords

/// A segment, or a snapshot of the metadata log: batch after batch.
struct LogDump {
    private let file: StoredFile
    let options: DumpOptions
    private let content: OpenFile
    let scratch = CompressionScratch()
    /// Records are those of the metadata log.
    let isMetadata: Bool
    private var lastOffset: Offset?
    private var leaderEpoch = LeaderEpoch.unknown
    /// The types of the control records so far, of which a snapshot has one at either end.
    var controlTypes: [ControlRecordType] = []

    init(_ file: StoredFile, _ options: DumpOptions, _ content: OpenFile) {
        self.file = file
        self.options = options
        self.content = content
        self.isMetadata = file.isMetadata || options.isMetadata
    }

    /// Records of the metadata log are always shown: they are what one looks for there.
    var showsRecords: Bool { self.options.showsRecords || self.isMetadata }

    /// Shows and checks everything, up to the first place from which nothing can be followed.
    mutating func run(_ report: inout DumpReport) throws(FileSystemError) {
        var position: Int64 = 0
        let size = try self.content.size()
        while position < size {
            guard let entry = try self.entry(at: position, size: size, &report) else { return }
            switch entry {
            case .batch(let batch): self.batch(batch, at: position, &report)
            case .legacy(let entry): self.legacy(entry, at: position, &report)
            }
            position += Int64(entry.sizeInBytes)
        }
        if self.file.kind == .metadataSnapshot { self.checkSnapshot(&report) }
    }

    /// The entry at a position; nil, with the problem reported, where no whole one is there.
    private func entry(
        at position: Int64, size: Int64, _ report: inout DumpReport
    ) throws(FileSystemError) -> LogEntry? {
        let left = size - position
        let head = try self.content.readSlice(at: position, count: LogEntryScanner.frameSize)
        guard head.count == LogEntryScanner.frameSize else {
            report.problem(at: position, "\(left) bytes at the end are no batch")
            return nil
        }
        let length = head.withUnsafeBytes { Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int32.self)) }
        let entrySize = Int64(length) + Int64(RecordBatchHeader.lengthPrefixSize)
        guard entrySize <= left else {
            report.problem(at: position, "a batch of \(entrySize) bytes begins here, and only \(left) are left")
            return nil
        }
        var scanner = LogEntryScanner(
            try self.content.readSlice(at: position, count: max(LogEntryScanner.frameSize, Int(entrySize))))
        do throws(RecordError) {
            if let entry = try scanner.next() { return entry }
            report.problem(at: position, "no whole batch is here: the file was cut while it was read")
        } catch {
            report.problem(at: position, "\(error.message); \(left) bytes from here on cannot be read")
        }
        return nil
    }

    private mutating func batch(_ batch: RecordBatchView, at position: Int64, _ report: inout DumpReport) {
        let header = batch.header
        if header.lastOffset >= self.options.offsets.lowerBound, header.baseOffset <= self.options.offsets.upperBound {
            let fields = self.fields(batch, at: position)
            if self.showsRecords { report.line("batch", fields) } else { report.row("batch", fields) }
        }
        let computed = batch.computedChecksum()
        if computed != header.crc {
            report.problem(at: position, "the checksum is \(header.crc), that of the bytes is \(computed)")
        }
        self.checkOrder(header.baseOffset, header.lastOffset, at: position, &report)
        if header.recordCount < 0 || header.lastOffsetDelta < max(0, header.recordCount - 1) {
            report.problem(
                at: position,
                "\(header.recordCount) records do not fit a last offset delta of \(header.lastOffsetDelta)")
        }
        if header.leaderEpoch < self.leaderEpoch {
            report.problem(at: position, "leader epoch \(header.leaderEpoch) comes after \(self.leaderEpoch)")
        }
        self.leaderEpoch = max(self.leaderEpoch, header.leaderEpoch)
        // Records of damaged bytes would only repeat the complaint.
        guard computed == header.crc, self.options.isDeep || self.isMetadata || header.isControl else { return }
        self.records(batch, at: position, &report)
    }

    private mutating func checkOrder(
        _ base: Offset, _ last: Offset, at position: Int64, _ report: inout DumpReport
    ) {
        if let previous = self.lastOffset, base <= previous {
            report.problem(at: position, "base offset \(base) comes after offset \(previous)")
        } else if self.lastOffset == nil, self.file.kind == .segment, let first = self.file.offset, base < first {
            report.problem(at: position, "base offset \(base) is less than the \(first) in the file's name")
        }
        self.lastOffset = max(self.lastOffset ?? last, last)
    }

    private func fields(_ batch: RecordBatchView, at position: Int64) -> [DumpField] {
        let header = batch.header
        var flags: [String] = []
        if header.isTransactional { flags.append("transactional") }
        if header.isControl { flags.append("control") }
        if header.hasDeleteHorizon { flags.append("delete-horizon") }
        let hasProducer = header.hasProducerID
        return [
            .number("position", position), .number("baseOffset", title: "first", header.baseOffset),
            .number("lastOffset", title: "last", header.lastOffset),
            .number("recordCount", title: "records", header.recordCount),
            .number("sizeInBytes", title: "bytes", batch.sizeInBytes),
            .text("codec", header.compression?.name ?? "unknown"),
            .number("leaderEpoch", title: "epoch", header.leaderEpoch),
            .time("maxTimestamp", title: "max-time", header.maxTimestamp),
            .hidden("baseTimestamp", .integer(header.baseTimestamp.rawValue)),
            .hidden("timestampType", .string(header.timestampType == .createTime ? "CreateTime" : "LogAppendTime")),
            .hidden("producerId", .integer(header.producerID.rawValue)),
            .hidden("producerEpoch", .integer(Int64(header.producerEpoch.rawValue))),
            .hidden("baseSequence", .integer(Int64(header.baseSequence.rawValue))),
            .hidden("lastSequence", .integer(Int64(header.lastSequence.rawValue))),
            .shown("producer", hasProducer ? "\(header.producerID):\(header.producerEpoch)" : "-"),
            .shown(
                "sequence",
                hasProducer && !header.isControl ? "\(header.baseSequence)..\(header.lastSequence)" : "-"),
            .hidden("isTransactional", .boolean(header.isTransactional)),
            .hidden("isControl", .boolean(header.isControl)),
            .hidden(
                "deleteHorizonMs", header.hasDeleteHorizon ? .integer(header.baseTimestamp.rawValue) : .null),
            .hidden("crc", .integer(Int64(header.crc))),
            .shown("flags", flags.isEmpty ? "-" : flags.joined(separator: ",")),
        ]
    }

    /// A message of a format that is only framed.
    private mutating func legacy(_ entry: LegacyEntry, at position: Int64, _ report: inout DumpReport) {
        if self.options.offsets.contains(entry.offset) {
            report.row(
                "message",
                [
                    .number("position", position), .number("offset", entry.offset), .number("magic", entry.magic),
                    .number("sizeInBytes", title: "bytes", entry.bytes.count), .time("timestamp", entry.timestamp),
                ])
        }
        self.checkOrder(entry.offset, entry.offset, at: position, &report)
    }

    private func checkSnapshot(_ report: inout DumpReport) {
        if self.controlTypes.first != .snapshotHeader {
            report.problem("the snapshot does not begin with a header")
        }
        if self.controlTypes.last != .snapshotFooter {
            report.problem("the snapshot does not end with a footer: it is not whole")
        }
    }
}
