/// Why the stream of a peer cannot be read as frames. Nothing after it can be trusted: the connection is closed.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    case negativeLength(Int)
    case tooLarge(length: Int, limit: Int)

    package var description: String {
        switch self {
        case .negativeLength(let length): "a frame has the negative length \(length)"
        case .tooLarge(let length, let limit): "a frame of \(length) bytes is larger than the limit of \(limit) bytes"
        }
    }
}

/// What the first bytes of a stream are as a frame: a length of four bytes, big-endian, and so many bytes.
package enum FrameScan: Hashable, Sendable {
    /// A whole frame, whose payload lies in this range.
    case frame(Range<Int>)
    /// More bytes are needed: so many from the start in all. Until the length is there, that is four.
    case incomplete(total: Int)
    case refused(FrameError)

    /// The four bytes before every frame.
    package static let prefixBytes = 4

    /// Looks at the first frame of `bytes`; takes nothing.
    ///
    /// - Parameter limit: bytes a payload may have.
    package init(_ bytes: UnsafeRawBufferPointer, limit: Int) {
        guard bytes.count >= Self.prefixBytes else {
            self = .incomplete(total: Self.prefixBytes)
            return
        }
        let length = Int(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        if length < 0 {
            self = .refused(.negativeLength(length))
        } else if length > limit {
            self = .refused(.tooLarge(length: length, limit: limit))
        } else if bytes.count - Self.prefixBytes < length {
            self = .incomplete(total: Self.prefixBytes + length)
        } else {
            self = .frame(Self.prefixBytes..<Self.prefixBytes + length)
        }
    }
}
