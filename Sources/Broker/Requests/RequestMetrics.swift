import ApusCore
import EventLoop
package import KafkaProtocol
import Networking
package import Telemetry

/// Counts, errors and times of requests by API, and connections and bytes, of one listener.
///
/// A request's time is split as `RequestDurations` says. Handlers run as soon as a frame is there, so the time in the
/// queue is that of the frames that were read together with it. A request without an answer (acks=0), and one that came
/// in an envelope, has only a total. All counting is atomic: it takes no lock and no memory, except that the first
/// error of a kind registers its series.
package final class RequestMetrics: Sendable {
    /// The figures of one API.
    private struct Figures {
        let requests: Counter
        let errors: ErrorCounts
        let total: Histogram
        let queue: Histogram
        let local: Histogram
        let remote: Histogram
        let send: Histogram
    }

    private let byKey: [Figures?]
    private let connections: Gauge
    private let received: Counter
    private let sent: Counter
    private let refused: Counter

    /// Bytes of a frame's length, which precedes it.
    private static let lengthSize = 4

    package init(registry: MetricRegistry, listener: String, keys: [APIKey]) {
        var byKey = [Figures?](repeating: nil, count: 128)
        for key in keys { byKey[Int(key.rawValue)] = Self.figures(registry, listener, key) }
        self.byKey = byKey
        let labels: MetricLabels = ["listener": listener]
        self.connections = registry.gauge("apus_connections", "Open connections.", labels)
        self.received = registry.counter(
            "apus_network_received_bytes_total", "Bytes of requests, without what TLS adds.", labels)
        self.sent = registry.counter(
            "apus_network_sent_bytes_total", "Bytes of answers, without what TLS adds.", labels)
        self.refused = registry.counter(
            "apus_connections_refused_total", "Connections closed because of what they sent.", labels)
    }

    private static func figures(_ registry: MetricRegistry, _ listener: String, _ key: APIKey) -> Figures {
        let api = key.description
        func phase(_ name: String) -> Histogram {
            registry.histogram(
                "apus_request_phase_seconds",
                "The parts of the time of a request: queue, local (handler), remote (waiting for others), send.",
                unit: .seconds, ["listener": listener, "api": api, "phase": name])
        }
        let labels: MetricLabels = ["listener": listener, "api": api]
        return Figures(
            requests: registry.counter("apus_requests_total", "Requests served.", labels),
            errors: ErrorCounts(registry: registry, listener: listener, api: api),
            total: registry.histogram(
                "apus_request_seconds", "From the last byte of a request until its answer was sent.", unit: .seconds,
                labels),
            queue: phase("queue"), local: phase("local"), remote: phase("remote"), send: phase("send"))
    }

    private func figures(_ key: APIKey) -> Figures? {
        let index = Int(key.rawValue)
        return self.byKey.indices.contains(index) ? self.byKey[index] : nil
    }

    // MARK: - Requests

    /// A frame of `size` bytes came.
    func received(size: Int) { self.received.increment(by: size + Self.lengthSize) }

    /// An answer of `size` bytes was given to the connection.
    func answered(_ request: Request, size: Int) {
        guard let figures = self.figures(request.apiKey) else { return }
        figures.requests.increment()
        let now = request.connection.loop.clock.monotonic
        if request.envelope == nil {
            self.sent.increment(by: size + Self.lengthSize)
            request.times?.answered(request.slot, at: now)
        } else {
            figures.total.record(now - request.receivedAt)
        }
    }

    /// A request was served that has no answer.
    func finishedWithoutAnswer(_ request: Request) {
        guard let figures = self.figures(request.apiKey) else { return }
        figures.requests.increment()
        figures.total.record(request.connection.loop.clock.monotonic - request.receivedAt)
    }

    /// The kernel has the answer to the request of `slot`.
    func sent(_ slot: ResponseSlot, times: RequestTimes, at instant: Instant) {
        guard let (key, received, spent) = times.sent(slot, at: instant), let figures = self.figures(key) else {
            return
        }
        figures.total.record(instant - received)
        figures.queue.record(spent.queue)
        figures.local.record(spent.local)
        figures.remote.record(spent.remote)
        figures.send.record(spent.send)
    }

    func failed(_ key: APIKey, _ error: ErrorCode) { self.figures(key)?.errors.add(error) }

    // MARK: - Connections

    func connectionOpened() { self.connections.add(1) }

    func connectionClosed() { self.connections.add(-1) }

    func connectionRefused() { self.refused.increment() }
}
