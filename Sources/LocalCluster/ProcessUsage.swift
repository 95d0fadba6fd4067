import Foundation
import Glibc

/// What the kernel has counted for one process.
package struct ProcessUsage: Equatable, Sendable {
    /// User and system time of all its threads, in seconds.
    package var cpuSeconds: Double
    /// Resident memory in bytes.
    package var residentBytes: Int
    package var startTicks: UInt64
    package var isZombie: Bool

    /// Reads `/proc/PID/stat`; nil where there is no such process.
    package static func read(pid: Int32) -> ProcessUsage? {
        guard let contents = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        return ProcessUsage(stat: String(decoding: contents, as: UTF8.self))
    }

    /// Parses the line of `/proc/PID/stat` (proc(5)); the command name in parentheses may hold anything.
    init?(stat: String) {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // The first field here is the third of the line: the state.
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = UInt64(fields[19]), let pages = Int(fields[21])
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        self.cpuSeconds = (user + system) / ticks
        self.residentBytes = pages * sysconf(Int32(_SC_PAGESIZE))
        self.startTicks = start
        self.isZombie = fields[0] == "Z"
    }
}
