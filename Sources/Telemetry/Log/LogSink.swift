import ApusCore
import Glibc
import Synchronization

/// Where the log goes. Any thread may write.
///
/// A line is one `write(2)`; it is never buffered here, so nothing is lost when the process dies.
package final class LogSink: Sendable {
    package let levels: LogLevels
    package let format: LogFormat
    private let descriptor: CInt
    private let lost = Atomic<Int>(0)
    private let receive: (@Sendable (LogLine) -> Void)?

    /// Writes to `descriptor`, which stays the caller's and must outlive the sink.
    package init(descriptor: CInt = STDERR_FILENO, levels: LogLevels = LogLevels(), format: LogFormat = .text) {
        self.descriptor = descriptor
        self.levels = levels
        self.format = format
        self.receive = nil
    }

    /// Hands every line to `receive`, on the thread that wrote it.
    package init(levels: LogLevels, receive: @escaping @Sendable (LogLine) -> Void) {
        self.descriptor = -1
        self.levels = levels
        self.format = .text
        self.receive = receive
    }

    /// The log of `subsystem`.
    package func logger(_ subsystem: String) -> Logger {
        Logger(subsystem: subsystem, sink: self)
    }

    /// Lines that could not be written and have not been told of yet.
    package var lostLines: Int { self.lost.load(ordering: .relaxed) }

    func write(_ line: LogLine) {
        if let receive = self.receive {
            receive(line)
            return
        }
        var line = line
        let missing = self.lost.exchange(0, ordering: .relaxed)
        if missing > 0 { line.fields.fields.append(.init(name: "lost_lines", value: .integer(Int64(missing)))) }
        if !self.write(line.bytes(self.format)) { self.lost.add(missing + 1, ordering: .relaxed) }
    }

    /// Now, by the clock that people read.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// False where the line was not written as a whole.
    private func write(_ bytes: [UInt8]) -> Bool {
        // A pipe that is ready takes `LogLine.bytesMax` bytes at once, so the write below does not wait.
        var request = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, 0) == 1, request.revents & Int16(POLLOUT) != 0 else { return false }
        while true {
            let written = bytes.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            return written == bytes.count
        }
    }
}
