/// Where a property was written, for messages to people.
package enum PropertyOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Line `line`, counted from 1, of `file`.
    case file(String, line: Int)
    /// `--override` on the command line.
    case commandLine

    package var description: String {
        switch self {
        case .file(let file, let line): "\(file):\(line)"
        case .commandLine: "--override"
        }
    }
}
