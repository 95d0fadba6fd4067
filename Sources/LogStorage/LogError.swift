package import FileSystem

/// Why a log could not do what it was asked. Equality is on the code.
///
/// After `storage` or `unavailable` the log refuses every further change: what its files hold is unknown until it is
/// opened anew. After any other code it is as it was before the call.
package struct LogError: Error, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// An offset is below the log's start or above its end.
        case offsetOutOfRange
        /// Batches do not continue the log: their offsets do not ascend from its end.
        case offsetsOutOfOrder
        /// A batch's length, format or checksum is wrong.
        case corruptBatch
        /// A batch is larger than a segment can be.
        case batchTooLarge
        /// A file's content is not what its name promises.
        case corruptFile
        /// Another process uses the folder.
        case locked
        /// A file operation failed; `cause` says which.
        case storage
        /// An earlier file operation failed.
        case unavailable
    }

    package var code: Code
    package var message: String
    /// The failed operation, where `code` is `storage`, `corruptFile` or `locked`.
    package var cause: FileSystemError?

    package init(_ code: Code, _ message: String, cause: FileSystemError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package init(_ cause: FileSystemError) {
        self.init(.storage, cause.description, cause: cause)
    }

    package var description: String { "\(self.code): \(self.message)" }
}

extension LogError: Hashable {
    package static func == (lhs: LogError, rhs: LogError) -> Bool { lhs.code == rhs.code }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.code)
    }

    /// Runs `body` and turns a file system's error into `storage`.
    static func storage<Result: ~Copyable>(
        _ body: () throws(FileSystemError) -> Result
    ) throws(LogError) -> Result {
        do throws(FileSystemError) {
            return try body()
        } catch {
            throw LogError(error)
        }
    }
}
