import CHTTP
package import Configuration
import EventLoop
import Glibc
import Synchronization
package import Telemetry

/// Serves HTTP on a thread of its own.
///
/// Running from `init` until `stop`, which waits for the thread's end and must be called before the server is dropped.
package final class AdminServer: Sendable {
    /// Bytes of a request's first line and headers.
    package static let headerBytesMax = 16 << 10
    /// Bytes of a request's body, which nothing here reads.
    package static let bodyBytesMax = 4 << 10
    /// Seconds without a byte after which a connection is closed.
    package static let idleSecondsMax: Int32 = 10

    /// Where it listens; the port is the system's choice where 0 was asked for.
    package let address: HTTPListenerAddress
    // Made here and run by the thread alone; from here only `apus_http_stop` is called, which any thread may, and
    // `apus_http_free` after the thread was joined.
    private nonisolated(unsafe) let server: OpaquePointer
    private let thread: WorkerThread
    private let handler: AdminHandler
    private let isStopped = Mutex(false)

    /// Listens on `address` and answers from then on.
    ///
    /// - Parameter health: how the node is; called on the server's thread, and must not wait.
    /// - Throws: `AdminServerError`; nothing is left open then.
    package init(
        _ address: HTTPListenerAddress, registry: MetricRegistry, logger: Logger = .disabled,
        health: @escaping @Sendable () -> HealthReport
    ) throws(AdminServerError) {
        let handler = AdminHandler(registry: registry, logger: logger, health: health)
        let server = try Self.listen(address, handler)
        do {
            // Starting a thread orders what was done before it with what the thread does.
            nonisolated(unsafe) let handed = server
            self.thread = try WorkerThread(name: "apus-http") { apus_http_run(handed) }
        } catch {
            apus_http_free(server)
            throw AdminServerError(code: .resources, message: "\(error)")
        }
        self.server = server
        self.handler = handler
        self.address = HTTPListenerAddress(host: address.host, port: apus_http_port(server))
        logger.info("serving http", ["address": LogValue(self.address)])
    }

    /// Closes the listener and all connections, and waits for the thread's end. Later calls do nothing.
    package func stop() {
        let isFirst = self.isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        apus_http_stop(self.server)
        self.thread.join()
        apus_http_free(self.server)
    }

    deinit {
        precondition(self.isStopped.withLock { $0 }, "a server is stopped before it is dropped")
    }

    private static func listen(
        _ address: HTTPListenerAddress, _ handler: AdminHandler
    ) throws(AdminServerError) -> OpaquePointer {
        let limits = apus_http_limits(
            header_bytes_max: Self.headerBytesMax, body_bytes_max: Self.bodyBytesMax,
            idle_seconds_max: Self.idleSecondsMax)
        var number: CInt = 0
        // The handler lives in the server object, which ends the thread before it goes.
        let server = apus_http_create(
            address.host.isEmpty ? nil : address.host, address.port, limits,
            { handler, exchange in
                guard let handler, let exchange else { return }
                Unmanaged<AdminHandler>.fromOpaque(handler).takeUnretainedValue().answer(exchange)
            }, Unmanaged.passUnretained(handler).toOpaque(), &number)
        guard let server else {
            throw AdminServerError(
                code: .address, message: "cannot serve HTTP on \(address): \(String(cString: strerror(number)))")
        }
        return server
    }
}
