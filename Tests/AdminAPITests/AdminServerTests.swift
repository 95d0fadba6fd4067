import AdminAPI
import CommandLineArguments
import Configuration
import Foundation
import Synchronization
import Telemetry
import Testing

@Suite("HTTP for operators")
struct AdminServerTests {
    private final class Node: Sendable {
        let isHealthy = Mutex(true)
    }

    /// Runs `body` with a server on a port of the system's choice.
    private static func withServer(_ node: Node = Node(), _ body: (AdminServer) throws -> Void) throws {
        let registry = MetricRegistry()
        registry.counter("apus_requests_total", "Requests.", ["api": "Fetch"]).increment(by: 7)
        let server = try AdminServer(HTTPListenerAddress(host: "127.0.0.1", port: 0), registry: registry) {
            let isHealthy = node.isHealthy.withLock { $0 }
            return HealthReport(isHealthy: isHealthy, facts: ["node": .integer(1), "fenced": .boolean(!isHealthy)])
        }
        defer { server.stop() }
        try body(server)
    }

    /// Sends `request` and reads until the server closes the connection.
    private static func exchange(_ server: AdminServer, _ request: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.address.port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        _ = request.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var response: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            response += chunk[..<count]
        }
        return String(decoding: response, as: UTF8.self)
    }

    private static func get(_ server: AdminServer, _ path: String, method: String = "GET", accept: String = "*/*")
        throws
        -> String
    {
        try self.exchange(
            server, "\(method) \(path) HTTP/1.1\r\nHost: x\r\nAccept: \(accept)\r\nConnection: close\r\n\r\n")
    }

    @Test("metrics come as Prometheus text, or as OpenMetrics to who accepts it")
    func metrics() throws {
        try Self.withServer { server in
            let plain = try Self.get(server, "/metrics?name=x")
            #expect(plain.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(plain.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(plain.contains("# TYPE apus_requests_total counter\napus_requests_total{api=\"Fetch\"} 7\n"))
            let open = try Self.get(server, "/metrics", accept: "application/openmetrics-text;version=1.0.0,*/*;q=0.1")
            #expect(open.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"))
            #expect(open.hasSuffix("# EOF\n"))
        }
    }

    @Test("health is 200 or 503 and says why")
    func health() throws {
        let node = Node()
        try Self.withServer(node) { server in
            let well = try Self.get(server, "/health")
            #expect(well.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(well.hasSuffix("\r\n\r\n{\"status\":\"ok\",\"node\":1,\"fenced\":false}\n"))
            node.isHealthy.withLock { $0 = false }
            let ill = try Self.get(server, "/health")
            #expect(ill.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(ill.hasSuffix("\r\n\r\n{\"status\":\"failing\",\"node\":1,\"fenced\":true}\n"))
        }
    }

    @Test(
        "everything else is refused",
        arguments: [
            ("GET", "/", "404"), ("GET", "/metrics/../etc/passwd", "404"), ("POST", "/metrics", "405"),
            ("DELETE", "/health", "405"), ("TRACE", "/health", "501"),
        ])
    func refusals(method: String, path: String, status: String) throws {
        try Self.withServer { server in
            let response = try Self.get(server, path, method: method)
            #expect(response.hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test("HEAD is answered without a body")
    func head() throws {
        try Self.withServer { server in
            let response = try Self.get(server, "/health", method: "HEAD")
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n") && response.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("what is no HTTP or too large costs its sender the connection, and others nothing")
    func hostile() throws {
        try Self.withServer { server in
            let large =
                "GET /health HTTP/1.1\r\nX: \(String(repeating: "x", count: AdminServer.headerBytesMax))\r\n\r\n"
            let body = "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
            for request in [large, "nonsense\r\n\r\n", body] {
                let response = try Self.exchange(server, request)
                #expect(!response.hasPrefix("HTTP/1.1 200"))
            }
            let healthy = try Self.get(server, "/health")
            #expect(healthy.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("an address that is taken is refused, and free again after the server stopped")
    func address() throws {
        var taken: HTTPListenerAddress?
        try Self.withServer { server in
            taken = server.address
            #expect(throws: AdminServerError.self) {
                try AdminServer(server.address, registry: MetricRegistry()) { HealthReport(isHealthy: true) }
            }
        }
        let again = try AdminServer(try #require(taken), registry: MetricRegistry()) { HealthReport(isHealthy: true) }
        again.stop()
        again.stop()
    }
}
