import ApusCore
import FileSystem
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages
import LogStorage

/// The file `bootstrap.checkpoint` of a formatted directory: the records with which a new cluster begins.
enum BootstrapRecords {
    private static let name = "bootstrap.checkpoint"
    private static let bytesMax = 16 << 20

    /// The metadata records of the file; none where there is no file. Throws `corruptFile` where it cannot be read.
    static func read(_ directory: LogDirectory) throws(LogError) -> [MetadataRecord] {
        let path = "\(directory.path)/\(Self.name)"
        let contents: ByteSlice?
        do {
            contents = try directory.fileSystem.contents(of: path, maxBytes: Self.bytesMax)
        } catch {
            throw LogError(error)
        }
        guard let contents else { return [] }
        do {
            return try Self.records(contents)
        } catch {
            throw LogError(.corruptFile, "\(path) cannot be read: \(error)")
        }
    }

    private static func records(_ bytes: ByteSlice) throws -> [MetadataRecord] {
        let scratch = CompressionScratch()
        var scanner = LogEntryScanner(bytes)
        var records: [MetadataRecord] = []
        while case .batch(let batch)? = try scanner.next() {
            guard batch.hasValidChecksum else { throw RecordError(.corruptBatch, "wrong checksum") }
            guard !batch.header.isControl else { continue }
            var iterator = try RecordIterator(batch, scratch: scratch)
            while let record = try iterator.next() {
                records.append(try MetadataRecord(decoding: record.value ?? .empty))
            }
        }
        return records
    }
}
