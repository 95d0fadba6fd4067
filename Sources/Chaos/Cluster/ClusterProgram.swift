/// The program that nodes run, and what it takes to run it.
package struct ClusterProgram: Equatable, Sendable {
    package var kind: ClusterKind
    /// `PROGRAM storage format ...` and `PROGRAM server FILE`.
    package var path: String
    /// Libraries that are loaded into every node: `LD_PRELOAD`.
    package var preloaded: [String]
    /// The library of disk faults; nil where it was not built.
    package var diskFaults: String?
    /// The library of clock faults; nil where it was not built.
    package var clockFaults: String?

    package init(
        kind: ClusterKind, path: String, preloaded: [String], diskFaults: String? = nil, clockFaults: String? = nil
    ) {
        self.kind = kind
        self.path = path
        self.preloaded = preloaded
        self.diskFaults = diskFaults
        self.clockFaults = clockFaults
    }

    /// Why not all of `faults` can be done to it; nil where they can.
    package func obstacle(to faults: [FaultPlan]) -> String? {
        for fault in faults {
            switch fault.kind {
            case .clock where self.clockFaults == nil: return "the library of clock faults is not built"
            case .slowDisk where self.diskFaults == nil, .fullDisk where self.diskFaults == nil,
                .failingSync where self.diskFaults == nil:
                return "the library of disk faults is not built"
            default: continue
            }
        }
        return nil
    }

    /// How long a cluster may take to start, seconds.
    var startSecondsMax: Double {
        switch self.kind {
        case .ours: 30
        case .kafka: 90
        }
    }

    /// What the nodes' environment has besides this process's.
    var environment: [String: String] {
        switch self.kind {
        case .ours: [:]
        case .kafka:
            // One family of addresses, so that a connection to 127.x is one of IPv4.
            ["KAFKA_HEAP_OPTS": "-Xmx512m", "KAFKA_OPTS": "-Djava.net.preferIPv4Stack=true"]
        }
    }
}
