package import ApusCore

/// Why a batch is not accepted, cannot be read or cannot be built. Equality is on the code.
package struct RecordError: Error, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable, CaseIterable {
        /// Lengths, magic or checksum do not fit: these are not the bytes that somebody wrote.
        case corruptBatch
        /// The batch is what was written, but breaks a rule.
        case invalidRecord
        /// A record's time is too far from the broker's, or claims to be the broker's.
        case invalidTimestamp
        /// The batch, or a record, is larger than the topic permits.
        case messageTooLarge
        /// The codec does not exist, or may not be used in this version of the request.
        case unsupportedCompression
        /// The compressed bytes do not decompress.
        case invalidCompression
        /// The records would take more memory than is permitted once decompressed.
        case decompressedTooLarge
    }

    /// One record that is to blame (KIP-467).
    package struct Rejection: Hashable, Sendable {
        /// Which record of the batch, from 0.
        package var index: Int32
        package var message: String

        package init(index: Int32, message: String) {
            self.index = index
            self.message = message
        }
    }

    package var code: Code
    /// For people; nothing depends on it.
    package var message: String
    /// The records to blame, in ascending order; empty where the batch as a whole is. At most `rejectionCountMax`.
    package var rejections: [Rejection]

    /// More records than this are not listed: a hostile batch must not buy a response many times its size.
    package static let rejectionCountMax = 1000

    package init(_ code: Code, _ message: String, rejections: [Rejection] = []) {
        self.code = code
        self.message = message
        self.rejections = rejections
    }

    package var description: String { "\(self.code): \(self.message)" }
}

extension RecordError: Hashable {
    package static func == (lhs: RecordError, rhs: RecordError) -> Bool { lhs.code == rhs.code }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.code) }
}

extension RecordError.Code {
    /// What a producer is told.
    package var errorCode: ErrorCode {
        switch self {
        case .corruptBatch: .corruptMessage
        case .invalidRecord, .invalidCompression: .invalidRecord
        case .invalidTimestamp: .invalidTimestamp
        case .messageTooLarge, .decompressedTooLarge: .messageTooLarge
        case .unsupportedCompression: .unsupportedCompressionType
        }
    }
}
