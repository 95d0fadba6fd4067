import ApusCore
import EventLoop
import KafkaPrimitives
import Networking
import Synchronization

/// What a handler saw, in order.
final class Journal: Sendable {
    enum Entry: Hashable, Sendable {
        case opened
        case frame([UInt8])
        case sent(UInt64)
        case closed(CloseReason)
        case failedHandshake(CloseReason)
        case refused(CloseReason)

        var isClosed: Bool {
            if case .closed = self { true } else { false }
        }
    }

    private let state = Mutex<[Entry]>([])

    var entries: [Entry] { self.state.withLock { $0 } }

    var frames: [[UInt8]] {
        self.entries.compactMap { if case .frame(let bytes) = $0 { bytes } else { nil } }
    }

    func add(_ entry: Entry) { self.state.withLock { $0.append(entry) } }
}

/// Answers every request with what the test says.
final class TestHandler: FrameHandler {
    let journal = Journal()
    private let answer: @Sendable (ByteSlice, ResponseSlot, Connection) -> Void
    private let connections = Mutex<[Connection]>([])
    private let reportsSent: Bool

    init(reportsSent: Bool = false, _ answer: @escaping @Sendable (ByteSlice, ResponseSlot, Connection) -> Void) {
        self.answer = answer
        self.reportsSent = reportsSent
    }

    /// Answers with the request.
    static func echo() -> TestHandler {
        TestHandler { frame, slot, connection in connection.respond(slot, writer(of: frame)) }
    }

    /// Connections that were opened, in order.
    var opened: [Connection] { self.connections.withLock { $0 } }

    func connectionOpened(_ connection: Connection) {
        self.connections.withLock { $0.append(connection) }
        self.journal.add(.opened)
    }

    func receive(_ frame: ByteSlice, slot: ResponseSlot, on connection: Connection) {
        self.journal.add(.frame(frame.array))
        self.answer(frame, slot, connection)
    }

    func responseSent(_ slot: ResponseSlot, at instant: Instant, on connection: Connection) {
        if self.reportsSent { self.journal.add(.sent(slot.sequence)) }
    }

    func connectionClosed(_ connection: Connection, reason: CloseReason) {
        self.journal.add(.closed(reason))
    }
}

/// Notes what happens on outgoing connections, and answers the opening.
final class TestOutgoingHandler: OutgoingHandler {
    let journal = Journal()
    private let onOpen: @Sendable (OutgoingConnection) -> Void

    init(onOpen: @escaping @Sendable (OutgoingConnection) -> Void = { _ in }) {
        self.onOpen = onOpen
    }

    func connectionOpened(_ connection: OutgoingConnection) {
        self.journal.add(.opened)
        self.onOpen(connection)
    }

    func receive(_ frame: ByteSlice, on connection: OutgoingConnection) {
        self.journal.add(.frame(frame.array))
    }

    func connectionClosed(_ connection: OutgoingConnection, reason: CloseReason) {
        self.journal.add(.closed(reason))
    }
}

/// Notes what listeners report.
final class TestObserver: ListenerObserver {
    let journal = Journal()

    func connectionRefused(from peer: SocketAddress, listener: String, reason: CloseReason) {
        self.journal.add(.refused(reason))
    }

    func handshakeFailed(of connection: Connection, reason: CloseReason) { self.journal.add(.failedHandshake(reason)) }

    func acceptFailed(listener: String, error: SystemError) {}
}

/// A writer that holds the bytes.
func writer(of bytes: ByteSlice) -> ByteWriter {
    var writer = ByteWriter(capacity: bytes.count)
    writer.writeRaw(bytes)
    return writer
}
