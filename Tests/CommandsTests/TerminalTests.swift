import Commands
import Synchronization
import Testing

@Suite("Terminal")
struct TerminalTests {
    private func written(isWatched: Bool) -> String {
        let written = Mutex("")
        let terminal = Terminal(
            isWatched: isWatched, output: { text in written.withLock { $0 += text } },
            errors: { text in written.withLock { $0 += text } })
        terminal.progress("half done")
        terminal.progress("")
        terminal.line("done")
        return written.withLock { $0 }
    }

    @Test("shows progress where somebody watches, and takes it back")
    func watched() {
        #expect(self.written(isWatched: true) == "\r\u{1b}[Khalf done\r\u{1b}[Kdone\n")
    }

    @Test("gives a file or a pipe no control characters")
    func unwatched() {
        #expect(self.written(isWatched: false) == "done\n")
    }
}
