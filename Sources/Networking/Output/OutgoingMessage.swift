package import KafkaPrimitives

/// A message on its way out: the bytes of a writer, the pieces of files between them, and the length before all.
package struct OutgoingMessage: Sendable {
    let body: ByteSlice
    let splices: [ByteWriter.Splice]
    /// The four bytes of the length, as they lie in memory.
    let prefix: UInt32
    /// Bytes on the wire, the length's four included.
    package let count: Int
    /// What the sender knows the message by.
    let tag: UInt64

    package init(_ writer: consuming ByteWriter, tag: UInt64 = 0) {
        let length = writer.totalCount
        precondition(length <= Int(Int32.max), "a frame has a length of 31 bits")
        self.prefix = UInt32(length).bigEndian
        self.count = length + FrameScan.prefixBytes
        self.splices = writer.splices
        self.tag = tag
        self.body = writer.finish()
    }

    /// One stretch of a message that lies in one place.
    package enum Piece: Sendable {
        /// The length, in memory order, from the byte `skip` on.
        case prefix(UInt32, skip: Int)
        case bytes(ByteSlice)
        case file(FileRegion)

        package var count: Int {
            switch self {
            case .prefix(_, let skip): FrameScan.prefixBytes - skip
            case .bytes(let slice): slice.count
            case .file(let region): region.count
            }
        }
    }

    /// Pieces in all: the prefix, then bytes and files by turns. Bytes between two files may be none.
    var pieceCount: Int { 2 + self.splices.count * 2 }

    /// The piece at `index` without its first `skip` bytes.
    func piece(at index: Int, skip: Int) -> Piece {
        guard index > 0 else { return .prefix(self.prefix, skip: skip) }
        let splice = (index - 1) / 2
        guard index % 2 == 1 else {
            let region = self.splices[splice].region
            return .file(
                FileRegion(
                    owner: region.owner, descriptor: region.descriptor, offset: region.offset + Int64(skip),
                    count: region.count - skip))
        }
        let lower = splice == 0 ? 0 : self.splices[splice - 1].position
        let upper = splice == self.splices.count ? self.body.count : self.splices[splice].position
        return .bytes(self.body[(lower + skip)..<upper])
    }
}
