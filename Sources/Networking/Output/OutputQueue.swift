/// The messages a connection has to send, and how far it has come. Pure: it decides what is next, and sends nothing.
package struct OutputQueue {
    /// A place in the queue.
    package struct Cursor {
        var message = 0
        var piece = 0
        var skip = 0
    }

    private var messages = RingBuffer<OutgoingMessage>()
    private var head = Cursor()

    /// Bytes on the wire that are still to be sent.
    package private(set) var unsentBytes = 0

    package init() {}

    package var isEmpty: Bool { self.messages.isEmpty }

    /// Messages not sent in full.
    package var count: Int { self.messages.count }

    package mutating func append(_ message: OutgoingMessage) {
        self.messages.append(message)
        self.unsentBytes += message.count
    }

    /// Where the next byte to send lies.
    package var start: Cursor { self.head }

    /// The piece at `cursor`, which moves behind it; nil at the end. Empty pieces are passed over.
    package func next(_ cursor: inout Cursor) -> OutgoingMessage.Piece? {
        while cursor.message < self.messages.count {
            let message = self.messages[cursor.message]
            while cursor.piece < message.pieceCount {
                let piece = message.piece(at: cursor.piece, skip: cursor.skip)
                cursor.piece += 1
                cursor.skip = 0
                if piece.count > 0 { return piece }
            }
            cursor.message += 1
            cursor.piece = 0
        }
        return nil
    }

    /// `count` bytes more were sent; `finished` is called with the tag of every message that is complete by that.
    package mutating func advance(by count: Int, finished: (UInt64) -> Void) {
        precondition(count <= self.unsentBytes)
        self.unsentBytes -= count
        var rest = count
        while !self.messages.isEmpty {
            let message = self.messages[0]
            while self.head.piece < message.pieceCount {
                let size = message.piece(at: self.head.piece, skip: self.head.skip).count
                if size > rest {
                    self.head.skip += rest
                    return
                }
                rest -= size
                self.head.piece += 1
                self.head.skip = 0
            }
            self.head = Cursor()
            _ = self.messages.popFirst()
            finished(message.tag)
        }
    }

    package mutating func removeAll() {
        self.messages.removeAll()
        self.head = Cursor()
        self.unsentBytes = 0
    }
}
