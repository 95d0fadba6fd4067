import ApusCore
import Telemetry

/// How often each error was answered to requests of one API. A series appears with the first error of its kind.
final class ErrorCounts: Sendable {
    private let registry: MetricRegistry
    private let listener: String
    private let api: String
    /// By code, from -1 on.
    private let counters: [Counter]

    private static let codeMax = 160

    init(registry: MetricRegistry, listener: String, api: String) {
        self.registry = registry
        self.listener = listener
        self.api = api
        self.counters = (-1...Self.codeMax).map { _ in Counter() }
    }

    func add(_ error: ErrorCode) {
        guard error != .noError else { return }
        let code = Int(error.rawValue)
        precondition((-1...Self.codeMax).contains(code), "only known codes are answered")
        let counter = self.counters[code + 1]
        // Registering again changes nothing, so two loops may come here at once.
        if counter.value == 0 {
            self.registry.counter(
                "apus_request_errors_total", "Errors answered; a request for several partitions may have several.",
                ["listener": self.listener, "api": self.api, "error": error.description]
            ) { Double(counter.value) }
        }
        counter.increment()
    }
}
