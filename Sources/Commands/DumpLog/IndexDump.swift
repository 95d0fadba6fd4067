import ApusCore
import FileSystem
import KafkaPrimitives

/// An offset index or a time index, held against the segment beside it.
///
/// Shape of an entry: relative offset 4, position 4; or timestamp 8, relative offset 4.
struct IndexDump {
    private let file: StoredFile
    private let fileSystem: PosixFileSystem
    private let isTime: Bool
    private let entrySize: Int

    init(_ file: StoredFile, _ fileSystem: PosixFileSystem) {
        self.file = file
        self.fileSystem = fileSystem
        self.isTime = file.kind == .timeIndex
        self.entrySize = self.isTime ? 12 : 8
    }

    func run(_ report: inout DumpReport) throws(FileSystemError) {
        let content = try self.fileSystem.wholeContents(of: self.file.path)
        let outline = try self.outline(&report)
        // The file of a segment that is written is as long as the index may become, and zero behind the entries.
        let used = content.count - content.withUnsafeBytes { $0.reversed().prefix { $0 == 0 }.count }
        let count = (used + self.entrySize - 1) / self.entrySize
        if content.count % self.entrySize != 0 {
            report.problem("\(content.count) bytes are no multiple of an entry's \(self.entrySize)")
        }
        var reader = ByteReader(content)
        do throws(DecodeError) {
            if self.isTime {
                try self.times(&reader, count, outline, &report)
            } else {
                try self.offsets(&reader, count, outline, &report)
            }
        } catch {
            report.problem(at: Int64(reader.position), "the last entry is cut")
        }
        let unused = content.count - count * self.entrySize
        if unused > 0 { report.line("unused", [.number("bytes", unused)]) }
    }

    /// The segment's batches; nil, which is a problem of its own, where there is no segment.
    private func outline(_ report: inout DumpReport) throws(FileSystemError) -> SegmentOutline? {
        guard let path = self.file.segmentPath, try self.fileSystem.attributes(path) != nil else {
            report.problem("there is no segment beside the index to hold it against")
            return nil
        }
        return try SegmentOutline(try self.fileSystem.open(path, .readOnly))
    }

    private func offsets(
        _ reader: inout ByteReader, _ count: Int, _ outline: SegmentOutline?, _ report: inout DumpReport
    ) throws(DecodeError) {
        var previous: (offset: Offset, target: Int32)?
        for _ in 0..<count {
            let position = Int64(reader.position)
            let offset = (self.file.offset ?? 0) + Int64(try reader.readInt32())
            let target = try reader.readInt32()
            report.row("offsetIndexEntry", [.number("offset", offset), .number("position", target)])
            if let previous, offset <= previous.offset || target <= previous.target {
                report.problem(at: position, "offset \(offset) at \(target) does not ascend")
            }
            previous = (offset, target)
            guard let outline else { continue }
            if let batch = outline.batch(at: Int64(target)) {
                if batch.lastOffset != offset {
                    report.problem(
                        at: position,
                        "offset \(offset) leads to \(target), where the batch of offsets "
                            + "\(batch.baseOffset) to \(batch.lastOffset) begins")
                }
            } else {
                report.problem(
                    at: position,
                    "offset \(offset) leads to \(target), where no batch begins (the segment's batches end "
                        + "at \(outline.endPosition))")
            }
        }
    }

    private func times(
        _ reader: inout ByteReader, _ count: Int, _ outline: SegmentOutline?, _ report: inout DumpReport
    ) throws(DecodeError) {
        var previous: (time: Timestamp, offset: Offset)?
        var batches = outline?.batches[...] ?? []
        // The latest time of the batches that end at or before the entry's offset.
        var latest = Timestamp.none
        for _ in 0..<count {
            let position = Int64(reader.position)
            let time = Timestamp(try reader.readInt64())
            let offset = (self.file.offset ?? 0) + Int64(try reader.readInt32())
            report.row("timeIndexEntry", [.time("timestamp", title: "time", time), .number("offset", offset)])
            if let previous, time <= previous.time || offset < previous.offset {
                report.problem(at: position, "time \(time) at offset \(offset) does not ascend")
            }
            previous = (time, offset)
            while let batch = batches.first, batch.lastOffset <= offset {
                latest = max(latest, batch.maxTimestamp)
                batches.removeFirst()
            }
            if latest > time {
                report.problem(
                    at: position, "a record up to offset \(offset) has time \(latest), later than the entry's \(time)")
            }
            // Without compaction the entry names the very batch; it may have gone in between, never come.
            let within = batches.first.flatMap { $0.baseOffset <= offset ? $0 : nil }
            if outline != nil, max(latest, within?.maxTimestamp ?? .none) < time {
                report.problem(at: position, "no record up to offset \(offset) has a time as late as \(time)")
            }
        }
    }
}
