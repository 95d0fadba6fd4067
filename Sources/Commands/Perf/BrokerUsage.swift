import CommandLineArguments
import LocalCluster

/// The processor time that broker processes have used, for the cost of a gigabyte.
struct BrokerUsage: Sendable {
    private let pids: [Int32]
    private let before: Double

    /// Nil where no processes were named.
    init?(_ parsed: ParsedCommand) throws {
        var pids: [Int32] = []
        if let text = parsed.value("--broker-pids") {
            for part in text.split(separator: ",") {
                guard let pid = Int32(part) else {
                    throw parsed.invalid("--broker-pids", "numbers with commas between")
                }
                pids.append(pid)
            }
        } else if let folder = parsed.value("--cluster-dir") {
            let cluster = try LocalCluster(opening: ClusterCommand.absolute(folder), program: "")
            pids = cluster.nodes.compactMap { cluster.process(of: $0)?.pid }
        }
        guard !pids.isEmpty else { return nil }
        self.pids = pids
        self.before = Self.cpuSeconds(pids)
    }

    /// Seconds of all named processes since this value was made.
    var cpuSeconds: Double { Self.cpuSeconds(self.pids) - self.before }

    private static func cpuSeconds(_ pids: [Int32]) -> Double {
        pids.reduce(0) { $0 + (ProcessUsage.read(pid: $1)?.cpuSeconds ?? 0) }
    }
}
