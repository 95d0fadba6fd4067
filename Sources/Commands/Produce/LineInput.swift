import Glibc
import KafkaPrimitives

/// Whole lines of a descriptor, some at a time, without copying them again.
struct LineInput {
    private let descriptor: Int32
    private var rest: [UInt8] = []
    private var isAtEnd = false

    private static let chunkBytes = 256 << 10
    /// A line is no longer, for no broker takes longer records.
    private static let lineBytesMax = 64 << 20

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next lines, each with its newline but for a last one that has none; nil at the end.
    mutating func next() throws(CommandFailure) -> ByteSlice? {
        while !self.isAtEnd {
            var buffer = [UInt8](repeating: 0, count: Self.chunkBytes)
            let count = buffer.withUnsafeMutableBytes { read(self.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure("cannot read the input: \(String(cString: strerror(errno)))") }
            self.isAtEnd = count == 0
            self.rest.append(contentsOf: buffer[..<count])
            if self.isAtEnd { break }
            if let newline = self.rest.lastIndex(of: 10) {
                let lines = ByteSlice(Array(self.rest[...newline]))
                self.rest.removeFirst(newline + 1)
                return lines
            }
            guard self.rest.count <= Self.lineBytesMax else { throw CommandFailure("a line is too long for a record") }
        }
        guard !self.rest.isEmpty else { return nil }
        defer { self.rest = [] }
        return ByteSlice(self.rest)
    }
}
