/// The least level that is written, for all subsystems and for single ones.
package struct LogLevels: Hashable, Sendable {
    package var standard: LogLevel
    package var bySubsystem: [String: LogLevel]

    package init(_ standard: LogLevel = .info, bySubsystem: [String: LogLevel] = [:]) {
        self.standard = standard
        self.bySubsystem = bySubsystem
    }

    /// Why a text is not a list of levels.
    package struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        package var part: String

        package var description: String {
            let names = LogLevel.allCases.map { "\($0)" }.joined(separator: ", ")
            return "'\(self.part)' is not a level: expected LEVEL or SUBSYSTEM=LEVEL with one of \(names)"
        }
    }

    /// Reads `info`, `info,raft=debug`, `raft=debug`.
    package init(parsing text: String) throws(Malformed) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.last, let level = LogLevel(name: String(name)) else {
                throw Malformed(part: String(part))
            }
            if sides.count == 1 {
                self.standard = level
            } else if sides[0].isEmpty {
                throw Malformed(part: String(part))
            } else {
                self.bySubsystem[String(sides[0])] = level
            }
        }
    }

    /// The least level of `subsystem`.
    package func level(of subsystem: String) -> LogLevel {
        self.bySubsystem[subsystem] ?? self.standard
    }
}
