import Glibc
public import KafkaPrimitives

/// Small files that are read and replaced as a whole: checkpoints, properties, states.
extension FileSystemPort {
    /// The content of a file, or nil where there is none. Throws `EFBIG` beyond `maxBytes`, before memory is taken.
    public func contents(of path: String, maxBytes: Int) throws(FileSystemError) -> ByteSlice? {
        guard let attributes = try self.attributes(path) else { return nil }
        guard !attributes.isDirectory else { throw FileSystemError(.read, errno: EISDIR, path: path) }
        guard attributes.size <= maxBytes else { throw FileSystemError(.read, errno: EFBIG, path: path) }
        return try self.open(path, .readOnly).readSlice(at: 0, count: Int(attributes.size))
    }

    /// Replaces the content of `path` in one step, through a file named `path` plus `.tmp`.
    ///
    /// When it returns with `durable`, the new content survives a power loss; without, it survives `kill -9`, and a
    /// power loss leaves the old content, the new, or (on file systems that do not order data before names) a file
    /// that is empty or cut, which the reader must be able to do without. When it throws, the old content or the new
    /// is there.
    public func replaceContents(
        of path: String, with bytes: [UInt8], durable: Bool = true
    ) throws(FileSystemError) {
        let temporary = path + ".tmp"
        let file = try self.open(temporary, .createOrTruncate)
        try file.write(bytes, at: 0)
        if durable { try file.synchronize() }
        try self.rename(temporary, to: path)
        if durable { try self.synchronizeDirectory(Self.parent(of: path)) }
    }

    /// Removes a file if it is there.
    public func removeIfPresent(_ path: String) throws(FileSystemError) {
        do {
            try self.remove(path)
        } catch {
            guard error.errno == ENOENT else { throw error }
        }
    }

    /// Removes a folder and everything in it; a power loss on the way may leave part of it.
    public func removeTree(_ path: String) throws(FileSystemError) {
        for entry in try self.list(path) {
            let child = "\(path)/\(entry.name)"
            if entry.isDirectory {
                try self.removeTree(child)
            } else {
                try self.remove(child)
            }
        }
        try self.removeDirectory(path)
    }

    /// The folder that holds `path`.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
