/// Why directories were not formatted. Equality is on the code.
package struct StorageFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case unknownRelease
        case malformedFeature
        case unknownFeature
        case unknownFeatureLevel
        /// The quorum that was asked for does not fit the node's configuration.
        case quorumConflict
        case malformedVoters
        case alreadyFormatted
        /// A directory belongs to another cluster or node.
        case foreignDirectory
        /// A file that should be there cannot be read.
        case unreadable
        /// Bytes are no bootstrap checkpoint.
        case malformedCheckpoint
        /// A file operation failed.
        case storage
    }

    package var code: Code
    /// One line for people, Kafka's words where Kafka has some.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: StorageFormatError, rhs: StorageFormatError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
