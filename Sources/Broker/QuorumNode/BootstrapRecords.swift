import FileSystem
import KafkaPrimitives
import KafkaStoredMessages
import LogStorage
import StorageFormat

/// The file `bootstrap.checkpoint` of a formatted directory: the records with which a new cluster begins.
enum BootstrapRecords {
    /// The metadata records of the file; none where there is no file. Throws `corruptFile` where it cannot be read.
    static func read(_ directory: LogDirectory) throws(LogError) -> [MetadataRecord] {
        let path = "\(directory.path)/\(BootstrapCheckpoint.fileName)"
        let contents: ByteSlice?
        do {
            contents = try directory.fileSystem.contents(of: path, maxBytes: BootstrapCheckpoint.bytesMax)
        } catch {
            throw LogError(error)
        }
        guard let contents else { return [] }
        do {
            return try BootstrapCheckpoint(decoding: contents).records
        } catch {
            throw LogError(.corruptFile, "\(path) cannot be read: \(error)")
        }
    }
}
