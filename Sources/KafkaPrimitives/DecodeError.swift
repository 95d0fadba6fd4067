/// Why bytes could not be read as the message they were said to be. The reader is of no further use after it.
public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// The bytes end before the value does.
        case truncated
        /// A length or count is negative where null is not allowed, or larger than what is left or permitted.
        case invalidLength
        /// A variable-length integer does not end within its type.
        case invalidVarint
        /// A field is null that may not be.
        case unexpectedNull
        /// Tags are not in ascending order, or a tagged field's size does not match its content.
        case invalidTaggedField
        /// The message does not exist in the version asked for.
        case unsupportedVersion
        /// Bytes are left after the message.
        case trailingBytes
    }

    public var code: Code
    /// Where in the message it happened, for the log: a byte position.
    public var position: Int

    public init(_ code: Code, at position: Int = 0) {
        self.code = code
        self.position = position
    }

    public static func == (lhs: DecodeError, rhs: DecodeError) -> Bool {
        lhs.code == rhs.code
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.code)
    }

    public var description: String { "\(self.code) at byte \(self.position)" }
}
