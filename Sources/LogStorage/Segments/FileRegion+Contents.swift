import FileSystem
package import KafkaPrimitives

extension FileRegion {
    /// The bytes of a piece of a log, read into memory.
    package func contents() throws(LogError) -> ByteSlice {
        guard let file = self.owner as? OpenFile else { preconditionFailure("a log's region belongs to its file") }
        do throws(FileSystemError) {
            return try file.readSlice(at: self.offset, count: self.count)
        } catch {
            throw LogError(error)
        }
    }
}
