import ApusCore
import Telemetry
import Testing

@Suite("Metrics as text")
struct MetricTextTests {
    private static func registry() -> MetricRegistry {
        let registry = MetricRegistry()
        registry.counter("apus_requests_total", "Requests\nserved.", ["api": "Fetch"]).increment(by: 3)
        registry.counter("apus_requests_total", "Requests\nserved.", ["api": "A\"\\\n"]).increment()
        registry.gauge("apus_partitions", "Partitions.").set(-2)
        registry.gauge("apus_load", "Load.", value: { 0.25 })
        return registry
    }

    @Test("Prometheus reads families with help, type and escaped labels")
    func prometheus() {
        #expect(
            MetricText.render(Self.registry(), as: .prometheus) == """
                # HELP apus_load Load.
                # TYPE apus_load gauge
                apus_load 0.25
                # HELP apus_metric_series_refused_total Series that were not registered, because there are too many.
                # TYPE apus_metric_series_refused_total counter
                apus_metric_series_refused_total 0
                # HELP apus_partitions Partitions.
                # TYPE apus_partitions gauge
                apus_partitions -2
                # HELP apus_requests_total Requests\\nserved.
                # TYPE apus_requests_total counter
                apus_requests_total{api="A\\"\\\\\\n"} 1
                apus_requests_total{api="Fetch"} 3

                """)
    }

    @Test("OpenMetrics names a counter's family without _total and ends with EOF")
    func openMetrics() {
        let text = MetricText.render(Self.registry(), as: .openMetrics)
        #expect(text.contains("# TYPE apus_requests counter\napus_requests_total{api="))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test("a histogram's buckets are cumulative, in seconds, and end with all")
    func histogram() {
        let registry = MetricRegistry()
        let histogram = registry.histogram("apus_fetch_seconds", "Fetches.", unit: .seconds, ["api": "Fetch"])
        for milliseconds in [0, 1, 3, 60_000] as [Int64] { histogram.record(.milliseconds(milliseconds)) }
        let lines = MetricText.render(registry, as: .prometheus).split(separator: "\n")
            .filter { $0.hasPrefix("apus_fetch") }
        #expect(lines.count == 24)
        #expect(lines.first == "apus_fetch_seconds_bucket{api=\"Fetch\",le=\"0.00001\"} 1")
        #expect(lines.contains("apus_fetch_seconds_bucket{api=\"Fetch\",le=\"0.002\"} 2"))
        #expect(lines.contains("apus_fetch_seconds_bucket{api=\"Fetch\",le=\"0.005\"} 3"))
        #expect(lines.contains("apus_fetch_seconds_bucket{api=\"Fetch\",le=\"50.0\"} 3"))
        #expect(
            lines.suffix(3) == [
                "apus_fetch_seconds_bucket{api=\"Fetch\",le=\"+Inf\"} 4",
                "apus_fetch_seconds_sum{api=\"Fetch\"} 60.004", "apus_fetch_seconds_count{api=\"Fetch\"} 4",
            ])
    }

    @Test("the same name and labels are the same metric, until it is removed")
    func identity() {
        let registry = MetricRegistry()
        let first = registry.counter("apus_a_total", "A.", ["x": "1", "y": "2"])
        first.increment()
        #expect(registry.counter("apus_a_total", "A.", ["y": "2", "x": "1"]).value == 1)
        #expect(registry.counter("apus_a_total", "A.", ["x": "2", "y": "2"]).value == 0)
        registry.remove("apus_a_total", ["x": "1", "y": "2"])
        #expect(registry.counter("apus_a_total", "A.", ["x": "1", "y": "2"]).value == 0)
    }

    @Test("the process's own metrics are positive")
    func process() throws {
        let registry = MetricRegistry()
        ProcessMetrics.register(in: registry)
        let lines = MetricText.render(registry, as: .prometheus).split(separator: "\n").filter {
            $0.hasPrefix("process_")
        }
        #expect(lines.count == 4)
        for line in lines {
            let value = try #require(line.split(separator: " ").last.flatMap { Double($0) })
            #expect(value > 0, "\(line)")
        }
    }
}
