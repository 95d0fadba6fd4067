import Foundation
import Glibc
import LocalCluster
import Synchronization
import Testing

@Suite("Processes of a local cluster")
struct NodeProcessTests {
    @Test("a started process is found running and gone after a kill")
    func killed() throws {
        let process = try NodeProcess.start(program: "/bin/sleep", arguments: ["60"], logFile: "/dev/null")
        #expect(process.isRunning)
        // The system's counts of memory lag behind for a moment.
        #expect(pollUntil(seconds: 5) { (process.usage?.residentBytes ?? 0) > 0 })
        process.send(signal: SIGKILL)
        #expect(process.waitUntilEnded(seconds: 5))
    }

    @Test("a bound process ends with the thread that started it")
    func bound() throws {
        let started = Mutex<NodeProcess?>(nil)
        let thread = Thread {
            do {
                let process = try NodeProcess.startBound(
                    program: "/bin/sleep", arguments: ["60"], logFile: "/dev/null")
                #expect(process.isRunning)
                started.withLock { $0 = process }
            } catch {
                Issue.record(error)
            }
        }
        thread.start()
        #expect(pollUntil(seconds: 5) { started.withLock { $0 } != nil })
        let process = try #require(started.withLock { $0 })
        #expect(process.waitUntilEnded(seconds: 5))
    }

    @Test("a bound process that cannot be started is said to be")
    func missingBound() {
        #expect(throws: LocalClusterError(.spawn, "")) {
            try NodeProcess.startBound(program: "/no/such/program", arguments: [], logFile: "/dev/null")
        }
    }

    @Test("a process that merely reuses the pid is not taken for the node")
    func reusedPid() {
        let stranger = NodeProcess(pid: getpid(), startTicks: 1)
        #expect(!stranger.isRunning)
    }

    @Test("a program that is not there is said to be")
    func missingProgram() {
        #expect(throws: LocalClusterError(.spawn, "")) {
            try NodeProcess.start(program: "/no/such/program", arguments: [], logFile: "/dev/null")
        }
    }

    @Test("every node of a layout has ports and a zone of its own")
    func layout() {
        let layout = ClusterLayout(nodeCount: 3, firstPort: 19_092, clusterID: "x")
        #expect(layout.bootstrapServers == "127.0.0.1:19092,127.0.0.1:19093,127.0.0.1:19094")
        let properties = layout.properties(of: 2, dataFolder: "/data")
        #expect(properties.contains("broker.rack=zone-2\n"))
        #expect(properties.contains("INTERNAL://127.0.0.1:19294"))
        #expect(properties.contains("default.replication.factor=3\nmin.insync.replicas=2\n"))
    }

    @Test("nodes are in as many zones as asked for, in turn")
    func zones() {
        let layout = ClusterLayout(nodeCount: 6, firstPort: 19_092, clusterID: "x", zoneCount: 3)
        #expect(layout.zones == ["zone-0", "zone-1", "zone-2"])
        #expect(layout.properties(of: 4, dataFolder: "/data").contains("broker.rack=zone-1\n"))
    }
}
