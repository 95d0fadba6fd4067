import CHTTP
import Telemetry

/// Answers requests, on the server's thread.
final class AdminHandler: Sendable {
    private let registry: MetricRegistry
    private let logger: Logger
    private let health: @Sendable () -> HealthReport

    init(registry: MetricRegistry, logger: Logger, health: @escaping @Sendable () -> HealthReport) {
        self.registry = registry
        self.logger = logger
        self.health = health
    }

    /// Answers one exchange, which is gone when this returns.
    func answer(_ exchange: OpaquePointer) {
        let path = apus_http_path_of(exchange).map { String(cString: $0) } ?? ""
        let accept = apus_http_header_of(exchange, "Accept").map { String(cString: $0) }
        let isRead = apus_http_method_of(exchange) != APUS_HTTP_OTHER
        let response = self.response(path: path, isRead: isRead, accept: accept)
        apus_http_add_header(exchange, "Content-Type", response.contentType)
        apus_http_add_header(exchange, "Cache-Control", "no-store")
        if response.status == 405 { apus_http_add_header(exchange, "Allow", "GET, HEAD") }
        var body = response.body
        let wasSent = body.withUTF8 { bytes in
            apus_http_reply(exchange, response.status, response.reason, bytes.baseAddress, bytes.count) != 0
        }
        self.logger.debug("answered", ["path": "\(path)", "status": LogValue(wasSent ? response.status : 500)])
    }

    private func response(path: String, isRead: Bool, accept: String?) -> AdminResponse {
        switch path {
        case "/metrics": isRead ? .metrics(self.registry, accept: accept) : .methodNotAllowed
        case "/health": isRead ? .health(self.health()) : .methodNotAllowed
        default: .notFound
        }
    }
}
