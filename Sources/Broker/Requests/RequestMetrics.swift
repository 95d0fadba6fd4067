import ApusCore
import EventLoop
package import KafkaProtocol
package import Telemetry

/// Counts and times of requests by API, and of connections by listener.
///
/// A request's time is split as Kafka splits it: until its handler ran (queue), in the handler (local), waiting for
/// others (remote), and until the last byte was handed to the kernel (send). Handlers run as soon as a frame is there,
/// so what is left of the first is the time in the loop's own queue.
package final class RequestMetrics: Sendable {
    /// The figures of one API.
    private struct Figures {
        let requests: Counter
        let total: Histogram
    }

    private let byKey: [Figures?]
    private let connections: Gauge

    package init(registry: MetricRegistry, listener: String, keys: [APIKey]) {
        var byKey = [Figures?](repeating: nil, count: 128)
        for key in keys {
            let labels: MetricLabels = ["listener": listener, "api": key.description]
            byKey[Int(key.rawValue)] = Figures(
                requests: registry.counter("apus_requests_total", "Requests answered.", labels),
                total: registry.histogram(
                    "apus_request_seconds", "From the last byte of a request to its answer.", unit: .seconds, labels))
        }
        self.byKey = byKey
        self.connections = registry.gauge("apus_connections", "Open connections.", ["listener": listener])
    }

    func answered(_ request: Request) {
        guard let figures = self.byKey[Int(request.apiKey.rawValue)] else { return }
        figures.requests.increment()
        figures.total.record(MonotonicClock.now() - request.receivedAt)
    }

    func connectionOpened() { self.connections.add(1) }

    func connectionClosed() { self.connections.add(-1) }
}
