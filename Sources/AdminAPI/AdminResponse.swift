import Telemetry

/// What is answered to a request.
struct AdminResponse: Hashable, Sendable {
    var status: Int32
    var reason: String
    var contentType: String
    var body: String

    private static let text = "text/plain; charset=utf-8"

    static func ok(_ contentType: String, _ body: String) -> AdminResponse {
        AdminResponse(status: 200, reason: "OK", contentType: contentType, body: body)
    }

    static let notFound = AdminResponse(
        status: 404, reason: "Not Found", contentType: Self.text, body: "There are /metrics and /health here.\n")

    static let methodNotAllowed = AdminResponse(
        status: 405, reason: "Method Not Allowed", contentType: Self.text, body: "Only GET and HEAD are answered.\n")

    /// The metrics in the format that the header `Accept` asks for.
    static func metrics(_ registry: MetricRegistry, accept: String?) -> AdminResponse {
        let isOpen = accept?.contains("application/openmetrics-text") ?? false
        let format: MetricText.Format = isOpen ? .openMetrics : .prometheus
        return .ok(format.contentType, MetricText.render(registry, as: format))
    }

    static func health(_ report: HealthReport) -> AdminResponse {
        AdminResponse(
            status: report.isHealthy ? 200 : 503, reason: report.isHealthy ? "OK" : "Service Unavailable",
            contentType: "application/json", body: report.text)
    }
}
