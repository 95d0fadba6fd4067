import ApusCore
import CommandLineArguments
import Foundation

/// What a measurement has come to.
struct PerfReport: Sendable {
    var records = 0
    var bytes = 0
    var failed = 0
    var seconds: Double = 0
    var latency: LatencyHistogram?
    var pauses: PauseWatch?
    var brokerCPUSeconds: Double?
    var clientCPUSeconds: Double = 0

    private var recordsPerSecond: Double { self.seconds > 0 ? Double(self.records) / self.seconds : 0 }
    private var megabytesPerSecond: Double { self.seconds > 0 ? Double(self.bytes) / self.seconds / 1e6 : 0 }
    private var gigabytes: Double { Double(self.bytes) / 1e9 }

    private static let percentiles: [(name: String, fraction: Double)] = [
        ("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999),
    ]

    static func milliseconds(_ interval: Interval) -> Double { Double(interval.nanoseconds) / 1e6 }

    /// A line while the measurement goes on.
    var progress: String {
        var text = String(
            format: "%d records, %.0f records/s, %.1f MB/s", self.records, self.recordsPerSecond,
            self.megabytesPerSecond)
        if let latency = self.latency, latency.count > 0 {
            text += String(
                format: ", p50 %.1f ms, p99 %.1f ms, max %.1f ms", Self.milliseconds(latency.percentile(0.5)),
                Self.milliseconds(latency.percentile(0.99)), Self.milliseconds(latency.max))
        }
        return text
    }

    var text: String {
        var lines = [
            String(
                format: "%d records (%.1f MB) in %.2f s: %.0f records/s, %.1f MB/s", self.records,
                Double(self.bytes) / 1e6, self.seconds, self.recordsPerSecond, self.megabytesPerSecond)
        ]
        if self.failed > 0 { lines.append("\(self.failed) records failed") }
        if let latency = self.latency, latency.count > 0 {
            let parts = Self.percentiles.map { name, fraction in
                String(format: "%@ %.2f", name, Self.milliseconds(latency.percentile(fraction)))
            }
            lines.append(
                "latency in ms: \(parts.joined(separator: ", "))"
                    + String(
                        format: ", max %.2f, mean %.2f", Self.milliseconds(latency.max),
                        Self.milliseconds(latency.mean)))
        }
        if let pauses = self.pauses {
            lines.append(
                String(
                    format: "longest pause between successes: %.1f ms, of one partition %.1f ms",
                    Self.milliseconds(pauses.longest), Self.milliseconds(pauses.longestOfPartition)))
        }
        lines.append(self.cost("client", self.clientCPUSeconds))
        if let broker = self.brokerCPUSeconds { lines.append(self.cost("brokers", broker)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func cost(_ who: String, _ seconds: Double) -> String {
        String(
            format: "CPU of the %@: %.2f s, %.3f s per GB", who, seconds,
            self.gigabytes > 0 ? seconds / self.gigabytes : 0)
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "records", value: .integer(Int64(self.records))),
            .init(name: "bytes", value: .integer(Int64(self.bytes))),
            .init(name: "failed", value: .integer(Int64(self.failed))),
            .init(name: "seconds", value: .double(self.seconds)),
            .init(name: "recordsPerSecond", value: .double(self.recordsPerSecond)),
            .init(name: "megabytesPerSecond", value: .double(self.megabytesPerSecond)),
            .init(name: "clientCpuSeconds", value: .double(self.clientCPUSeconds)),
        ]
        if let latency = self.latency {
            var parts = Self.percentiles.map { name, fraction in
                JSONValue.Member(name: name, value: .double(Self.milliseconds(latency.percentile(fraction))))
            }
            parts.append(.init(name: "max", value: .double(Self.milliseconds(latency.max))))
            parts.append(.init(name: "mean", value: .double(Self.milliseconds(latency.mean))))
            members.append(.init(name: "latencyMs", value: .object(parts)))
        }
        if let pauses = self.pauses {
            members.append(.init(name: "longestPauseMs", value: .double(Self.milliseconds(pauses.longest))))
            members.append(
                .init(name: "longestPartitionPauseMs", value: .double(Self.milliseconds(pauses.longestOfPartition))))
        }
        if let broker = self.brokerCPUSeconds {
            members.append(.init(name: "brokerCpuSeconds", value: .double(broker)))
            members.append(
                .init(
                    name: "brokerCpuSecondsPerGB",
                    value: .double(self.gigabytes > 0 ? broker / self.gigabytes : 0)))
        }
        return .object(members)
    }
}
