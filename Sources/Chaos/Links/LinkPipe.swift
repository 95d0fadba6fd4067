package import ApusCore

/// One direction of a proxied connection: bytes that were read and not yet passed on, and when they may be. Pure.
///
/// Bytes leave in their order, each piece no earlier than the latency after it came, and no faster than the bandwidth.
package struct LinkPipe: Sendable {
    private struct Piece: Sendable {
        var bytes: [UInt8]
        var due: Instant
    }

    /// What is held at most before reading pauses; beyond that the sender's socket fills, as on a real path.
    package static let bytesMax = 256 << 10

    private var pieces: [Piece] = []
    /// Sent bytes of the first piece.
    private var position = 0
    private var sendableAt: Instant?
    package private(set) var byteCount = 0
    /// The sender has closed its side.
    package var hasEnded = false
    /// The receiver was told so.
    package var isEndPassedOn = false

    package init() {}

    package var isEmpty: Bool { self.byteCount == 0 }

    package var hasRoom: Bool { self.byteCount < Self.bytesMax }

    /// Takes bytes in that were read at `now`.
    package mutating func append(_ bytes: some Sequence<UInt8>, now: Instant, latency: Interval) {
        let piece = Piece(bytes: Array(bytes), due: max(now + latency, self.pieces.last?.due ?? now))
        guard !piece.bytes.isEmpty else { return }
        self.byteCount += piece.bytes.count
        self.pieces.append(piece)
    }

    /// When there is something to pass on; nil where there is nothing.
    package var due: Instant? {
        guard let first = self.pieces.first else { return nil }
        return self.sendableAt.map { max($0, first.due) } ?? first.due
    }

    /// Hands the next bytes that are due to `send`, which returns how many it took; goes on until it takes fewer than
    /// it was given, or nothing is due.
    package mutating func pass(
        now: Instant, bytesPerSecond: Int?, send: (UnsafeRawBufferPointer) -> Int
    ) {
        while let due = self.due, due <= now, let first = self.pieces.first {
            // A tenth of a second's worth at most, so that a slow link drips and does not gush.
            let share = bytesPerSecond.map { max(1, $0 / 10) } ?? .max
            let end = min(first.bytes.count, self.position + min(share, first.bytes.count))
            let wanted = end - self.position
            let taken = first.bytes.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[self.position..<end])) }
            precondition(taken >= 0 && taken <= wanted, "a pipe passes on what it holds")
            self.byteCount -= taken
            self.position += taken
            if self.position == first.bytes.count {
                self.pieces.removeFirst()
                self.position = 0
            }
            self.sendableAt = bytesPerSecond.map { rate in
                now + Interval(nanoseconds: Int64(Double(taken) / Double(rate) * 1e9))
            }
            if taken < wanted { return }
        }
    }
}
