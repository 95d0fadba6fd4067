import Glibc

extension Terminal {
    /// Standard output and standard error of the process.
    package static let standard = Terminal(
        isWatched: isatty(STDERR_FILENO) == 1 && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false,
        output: { Self.writeAll($0, to: STDOUT_FILENO) }, errors: { Self.writeAll($0, to: STDERR_FILENO) })

    private static func writeAll(_ text: String, to descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            // Nobody reads any more: there is nobody to tell.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
