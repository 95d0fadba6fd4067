import ApusCore
import Chaos
import Testing

@Suite("The program that a scenario runs")
struct ClusterProgramTests {
    private static func fault(_ kind: FaultPlan.Kind) -> FaultPlan {
        FaultPlan(kind: kind, target: .all, at: .zero, length: nil, count: 1, every: .zero, line: 1)
    }

    private static let clock = Self.fault(.clock(shift: .seconds(3600)))
    private static let disks = [
        Self.fault(.slowDisk(write: .zero, sync: .seconds(1))), Self.fault(.fullDisk), Self.fault(.failingSync),
    ]

    @Test("can be harmed in every way where the libraries of faults were built", arguments: ClusterKind.allCases)
    func complete(kind: ClusterKind) {
        let program = ClusterProgram(
            kind: kind, path: "/bin/node", preloaded: [], diskFaults: "/lib/disk.so", clockFaults: "/lib/clock.so")
        #expect(program.obstacle(to: Self.disks + [Self.clock, Self.fault(.kill)]) == nil)
    }

    @Test("skips what needs a library that was not built, and nothing else", arguments: ClusterKind.allCases)
    func incomplete(kind: ClusterKind) {
        let withoutClock = ClusterProgram(kind: kind, path: "/bin/node", preloaded: [], diskFaults: "/lib/disk.so")
        #expect(withoutClock.obstacle(to: Self.disks) == nil)
        #expect(
            withoutClock.obstacle(to: [Self.fault(.kill), Self.clock]) == "the library of clock faults is not built")
        let withoutDisk = ClusterProgram(kind: kind, path: "/bin/node", preloaded: [], clockFaults: "/lib/clock.so")
        #expect(withoutDisk.obstacle(to: [Self.clock, Self.fault(.kill)]) == nil)
        for fault in Self.disks {
            #expect(withoutDisk.obstacle(to: [fault]) == "the library of disk faults is not built")
        }
    }
}
