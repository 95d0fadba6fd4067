import ApusCore
import Glibc

/// What the kernel knows of this process, under the names that Prometheus clients use.
package enum ProcessMetrics {
    /// Registers memory, processor time, open files and the time of the start.
    package static func register(in registry: MetricRegistry) {
        registry.gauge("process_resident_memory_bytes", "Resident memory.") {
            Double(Self.residentPages()) * Double(sysconf(Int32(_SC_PAGESIZE)))
        }
        registry.counter("process_cpu_seconds_total", "Processor time of all threads.") {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        registry.gauge("process_open_fds", "Open file descriptors.") { Double(Self.openDescriptors()) }
        let start = Double(LogSink.now().rawValue) / 1000
        registry.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.") { start }
    }

    private static func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = line.prefix { $0 != 0 }.split(separator: CChar(UInt8(ascii: " ")))
        guard fields.count > 1 else { return 0 }
        return Int(String(decoding: fields[1].map { UInt8(bitPattern: $0) }, as: UTF8.self)) ?? 0
    }

    private static func openDescriptors() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // ".", ".." and the descriptor of this very reading are not what is asked for.
        return max(0, count - 3)
    }
}
