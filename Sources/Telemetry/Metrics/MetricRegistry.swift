import Synchronization

/// All metrics of a process, by name and labels. Any thread may register; recording does not come here.
package final class MetricRegistry: Sendable {
    /// Series that are shown at most; what is registered beyond is counted in `apus_metric_series_refused_total`.
    package static let seriesMax = 200_000

    struct Family: Sendable {
        var help: String
        var type: String
        var series: [MetricLabels: Metric]
    }

    private struct Content: Sendable {
        var families: [String: Family] = [:]
        var seriesCount = 0
    }

    private let content = Mutex(Content())
    private let refused = Counter()

    package init() {
        let refused = self.refused
        self.register(
            "apus_metric_series_refused_total", "Series that were not registered, because there are too many.", [:],
            .counter(refused))
    }

    /// The counter with this name and these labels; a new one where there is none.
    package func counter(_ name: MetricName, _ help: String, _ labels: MetricLabels = [:]) -> Counter {
        precondition(name.text.hasSuffix("_total"), "the name of a counter ends in _total")
        let registered = self.register(name, help, labels, .counter(Counter()))
        guard case .counter(let counter) = registered else { preconditionFailure("\(name.text) is not a counter") }
        return counter
    }

    /// The gauge with this name and these labels; a new one where there is none.
    package func gauge(_ name: MetricName, _ help: String, _ labels: MetricLabels = [:]) -> Gauge {
        let registered = self.register(name, help, labels, .gauge(Gauge()))
        guard case .gauge(let gauge) = registered else { preconditionFailure("\(name.text) is not a gauge") }
        return gauge
    }

    /// The histogram with this name and these labels; a new one where there is none. It takes 8 KiB.
    package func histogram(
        _ name: MetricName, _ help: String, unit: Histogram.Unit, _ labels: MetricLabels = [:]
    ) -> Histogram {
        let registered = self.register(name, help, labels, .histogram(Histogram(unit: unit)))
        guard case .histogram(let histogram) = registered, histogram.unit == unit else {
            preconditionFailure("\(name.text) is not a histogram of \(unit)")
        }
        return histogram
    }

    /// A gauge whose value is asked for when somebody reads the metrics, from the reader's thread.
    package func gauge(
        _ name: MetricName, _ help: String, _ labels: MetricLabels = [:], value: @escaping @Sendable () -> Double
    ) {
        self.register(name, help, labels, .computedGauge(value))
    }

    /// A counter whose value is asked for when somebody reads the metrics, from the reader's thread.
    package func counter(
        _ name: MetricName, _ help: String, _ labels: MetricLabels = [:], value: @escaping @Sendable () -> Double
    ) {
        precondition(name.text.hasSuffix("_total"), "the name of a counter ends in _total")
        self.register(name, help, labels, .computedCounter(value))
    }

    /// Forgets a series, for instance that of a deleted topic.
    package func remove(_ name: MetricName, _ labels: MetricLabels = [:]) {
        self.content.withLock { content in
            if content.families[name.text]?.series.removeValue(forKey: labels) != nil { content.seriesCount -= 1 }
        }
    }

    /// The families by name; metrics are read after the lock was released.
    var families: [(name: String, family: Family)] {
        let families = self.content.withLock { $0.families }
        return families.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    @discardableResult
    private func register(_ name: MetricName, _ help: String, _ labels: MetricLabels, _ metric: Metric) -> Metric {
        self.content.withLock { content in
            var family = content.families[name.text] ?? Family(help: help, type: metric.type, series: [:])
            precondition(family.type == metric.type, "\(name.text) is registered as a \(family.type)")
            if let existing = family.series[labels] { return existing }
            guard content.seriesCount < Self.seriesMax else {
                self.refused.increment()
                return metric
            }
            content.seriesCount += 1
            family.series[labels] = metric
            content.families[name.text] = family
            return metric
        }
    }
}
