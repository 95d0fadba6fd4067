import CSystem
import Foundation
import Glibc

/// One process that a command started and another may find again.
package struct NodeProcess: Equatable, Sendable {
    package var pid: Int32
    /// When it started, in clock ticks since boot: with the pid, unique until the next boot.
    package var startTicks: UInt64

    /// glibc's POSIX_SPAWN_SETSID, which its header shows to C programs of GNU source only.
    private static let newSession: Int16 = 0x80

    package init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// Starts `program` in a session of its own, its output appended to `logFile`.
    ///
    /// - Throws: `LocalClusterError` with code `spawn`; nothing runs then.
    package static func start(
        program: String, arguments: [String], logFile: String, environment: [String: String] = [:]
    ) throws(LocalClusterError) -> NodeProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.newSession)

        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([program] + arguments).map { strdup($0) }
        var variables = merged.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
        words.append(nil)
        variables.append(nil)
        defer {
            for word in words + variables { free(word) }
        }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard result == 0 else {
            throw LocalClusterError(.spawn, "cannot start \(program): \(String(cString: strerror(result)))")
        }
        guard let usage = ProcessUsage.read(pid: pid) else {
            throw LocalClusterError(.spawn, "\(program) ended as soon as it was started; see \(logFile)")
        }
        return NodeProcess(pid: pid, startTicks: usage.startTicks)
    }

    /// The same for a process that ends when the calling thread does, however that comes about: nothing is left behind
    /// even where this process is killed.
    ///
    /// - Throws: `LocalClusterError` with code `spawn`; nothing runs then.
    package static func startBound(
        program: String, arguments: [String], logFile: String, environment: [String: String] = [:]
    ) throws(LocalClusterError) -> NodeProcess {
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([program] + arguments).map { strdup($0) }
        var variables = merged.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
        words.append(nil)
        variables.append(nil)
        defer {
            for word in words + variables { free(word) }
        }
        let pid = apus_spawn_bound(program, words, variables, logFile)
        guard pid > 0 else {
            throw LocalClusterError(.spawn, "cannot start \(program): \(String(cString: strerror(-pid)))")
        }
        guard let usage = ProcessUsage.read(pid: pid) else {
            throw LocalClusterError(.spawn, "\(program) ended as soon as it was started; see \(logFile)")
        }
        return NodeProcess(pid: pid, startTicks: usage.startTicks)
    }

    /// What `/proc` says of it, nil once it has ended.
    package var usage: ProcessUsage? {
        // A child that ended stays as a zombie until it is waited for; a stranger's child cannot be waited for.
        var status: Int32 = 0
        waitpid(self.pid, &status, WNOHANG)
        guard let usage = ProcessUsage.read(pid: self.pid), usage.startTicks == self.startTicks, !usage.isZombie else {
            return nil
        }
        return usage
    }

    package var isRunning: Bool { self.usage != nil }

    /// Sends `signal` unless the process has ended.
    package func send(signal: Int32) {
        if self.isRunning { kill(self.pid, signal) }
    }

    /// Waits until it has ended; false where it still runs at the deadline.
    package func waitUntilEnded(seconds: Double) -> Bool {
        pollUntil(seconds: seconds) { !self.isRunning }
    }
}

/// Asks `condition` every few milliseconds until it holds; false where the time runs out first.
package func pollUntil(seconds: Double, _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if condition() { return true }
        if ContinuousClock.now >= deadline { return false }
        usleep(5000)
    }
}
