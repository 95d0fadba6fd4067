/// The text that scrapers read.
package enum MetricText {
    package enum Format: Hashable, Sendable {
        /// OpenMetrics 1.0.
        case openMetrics
        /// The text format 0.0.4 of Prometheus.
        case prometheus

        /// What goes into the header `Content-Type`.
        package var contentType: String {
            switch self {
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            }
        }
    }

    /// All metrics of `registry`, sorted by name and labels.
    package static func render(_ registry: MetricRegistry, as format: Format) -> String {
        var text = ""
        for (name, family) in registry.families where !family.series.isEmpty {
            let isOpenCounter = format == .openMetrics && family.type == "counter"
            let familyName = isOpenCounter ? String(name.dropLast("_total".count)) : name
            text += "# HELP \(familyName) \(Self.escaped(family.help))\n# TYPE \(familyName) \(family.type)\n"
            let series = family.series.map { (labels: $0.key, rendered: $0.key.rendered(), metric: $0.value) }
            for (labels, rendered, metric) in series.sorted(by: { $0.rendered < $1.rendered }) {
                switch metric {
                case .counter(let counter): text += "\(name)\(rendered) \(counter.value)\n"
                case .gauge(let gauge): text += "\(name)\(rendered) \(gauge.value)\n"
                case .computedGauge(let value), .computedCounter(let value):
                    text += "\(name)\(rendered) \(Self.number(value()))\n"
                case .histogram(let histogram): Self.append(histogram.snapshot, name: name, labels: labels, to: &text)
                }
            }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    private static func append(
        _ snapshot: HistogramSnapshot, name: String, labels: MetricLabels, to text: inout String
    ) {
        let total = snapshot.count
        for bound in HistogramBounds.bounds(of: snapshot.unit) {
            let le = labels.rendered(extra: "le=\"\(bound.text)\"")
            text += "\(name)_bucket\(le) \(snapshot.count(upTo: bound.value))\n"
        }
        text += "\(name)_bucket\(labels.rendered(extra: "le=\"+Inf\"")) \(total)\n"
        let sum = snapshot.unit == .seconds ? Double(snapshot.sum) / 1e9 : Double(snapshot.sum)
        text += "\(name)_sum\(labels.rendered()) \(Self.number(sum))\n"
        text += "\(name)_count\(labels.rendered()) \(total)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ help: String) -> String {
        var escaped = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
