import ApusCore
import FileSystem

/// What interrupted work may have left in a folder.
///
/// Compaction writes its segments as `.cleaned`, renames all of them to `.swap` once they are whole and durable, removes
/// the segments that they replace and takes the suffix away. Whatever is found decides how far that had come.
extension LogOpener {
    /// Ends or undoes interrupted work, and returns the lengths of the files that are left.
    func tidiedFiles() throws(LogError) -> [String: Int64] {
        let names = try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.list(self.folder).filter { !$0.isDirectory }.map(\.name)
        }
        let cleaned = names.compactMap { Self.offset(of: $0, without: SegmentFileName.cleanedSuffix) }.min()
        var swapped: [Offset] = []
        for name in names {
            if name.hasSuffix(SegmentFileName.deletedSuffix) || name.hasSuffix(SegmentFileName.cleanedSuffix)
                || name.hasSuffix(".tmp")
            {
                try self.remove(name)
            } else if let offset = Self.offset(of: name, without: SegmentFileName.swapSuffix) {
                // Renaming goes from the highest offset down: below the last one that is still `.cleaned` it had not come.
                if let cleaned, offset >= cleaned {
                    try self.remove(name)
                } else if name.hasSuffix(".log" + SegmentFileName.swapSuffix) {
                    swapped.append(offset)
                }
            }
        }
        for offset in swapped { try self.removeReplaced(by: offset) }
        return try self.sizesAfterSwap()
    }

    /// The offset in the name of a segment's file that has a further suffix.
    private static func offset(of name: String, without suffix: String) -> Offset? {
        guard name.hasSuffix(suffix) else { return nil }
        return SegmentFileName.parse(String(name.dropLast(suffix.count)))?.offset
    }

    private func remove(_ name: String) throws(LogError) {
        try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.removeIfPresent("\(self.folder)/\(name)")
        }
    }

    /// Removes the segments whose records a swapped segment holds.
    private func removeReplaced(by base: Offset) throws(LogError) {
        let file = try LogError.storage { () throws(FileSystemError) in
            try self.fileSystem.open(
                "\(self.folder)/\(SegmentFileName.name(base, .log))\(SegmentFileName.swapSuffix)", .readOnly)
        }
        let size = try LogError.storage { () throws(FileSystemError) in try file.size() }
        var cursor = StoredBatchCursor(file: file, from: 0, to: Int(size))
        var end = base
        while let batch = try cursor.next() { end = batch.lastOffset + 1 }
        let names = try LogError.storage { () throws(FileSystemError) in try self.fileSystem.list(self.folder) }
        for name in names.map(\.name) {
            guard let replaced = SegmentFileName.parse(name), replaced.kind != .producerSnapshot,
                replaced.offset == base || replaced.offset > base && replaced.offset < end
            else { continue }
            try self.remove(name)
        }
    }

    /// Gives the swapped files their names, and lists everything.
    private func sizesAfterSwap() throws(LogError) -> [String: Int64] {
        try LogError.storage { () throws(FileSystemError) in
            var sizes: [String: Int64] = [:]
            for entry in try self.fileSystem.list(self.folder) where !entry.isDirectory {
                var name = entry.name
                if name.hasSuffix(SegmentFileName.swapSuffix) {
                    name = String(name.dropLast(SegmentFileName.swapSuffix.count))
                    try self.fileSystem.rename("\(self.folder)/\(entry.name)", to: "\(self.folder)/\(name)")
                }
                sizes[name] = try self.fileSystem.attributes("\(self.folder)/\(name)")?.size ?? 0
            }
            return sizes
        }
    }
}
