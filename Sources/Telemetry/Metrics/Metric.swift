/// A registered metric.
enum Metric: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
    /// A number that is worked out when somebody asks.
    case computedGauge(@Sendable () -> Double)
    /// The same for a number that only grows.
    case computedCounter(@Sendable () -> Double)

    /// The type that scrapers are told.
    var type: String {
        switch self {
        case .counter, .computedCounter: "counter"
        case .gauge, .computedGauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
