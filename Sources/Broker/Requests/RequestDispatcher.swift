package import ApusCore
import EventLoop
package import KafkaPrimitives
import KafkaProtocol
package import Networking
package import Telemetry

/// Turns the frames of one listener into requests and hands each to the API that serves it.
///
/// A frame that is not a request, or asks for what is not served, closes its connection; the reason is logged.
package final class RequestDispatcher: FrameHandler {
    private let table: ServedAPITable
    private let apiVersions: ApiVersionsHandler
    private let metrics: RequestMetrics
    private let log: Logger
    private let closed: @Sendable (Connection) -> Void

    /// - Parameter closed: is told of every connection that has gone, on its loop.
    package init(
        table: ServedAPITable, apiVersions: ApiVersionsHandler, metrics: RequestMetrics, log: Logger,
        closed: @escaping @Sendable (Connection) -> Void = { _ in }
    ) {
        self.table = table
        self.apiVersions = apiVersions
        self.metrics = metrics
        self.log = log
        self.closed = closed
    }

    package func connectionOpened(_ connection: Connection) {
        connection.userState = ServedConnection(openedAt: connection.loop.now)
        self.metrics.connectionOpened()
    }

    package func responseSent(_ slot: ResponseSlot, at instant: Instant, on connection: Connection) {
        guard let served = connection.userState as? ServedConnection else { return }
        self.metrics.sent(slot, times: served.times, at: instant)
    }

    package func connectionClosed(_ connection: Connection, reason: CloseReason) {
        self.metrics.connectionClosed()
        self.closed(connection)
    }

    package func receive(_ frame: ByteSlice, slot: ResponseSlot, on connection: Connection) {
        self.metrics.received(size: frame.count)
        do {
            try self.dispatch(frame, slot, connection)
        } catch let error as DecodeError {
            self.refuse(connection, "a request that cannot be read: \(error)")
        } catch {
            self.refuse(connection, "\(error)")
        }
    }

    private func dispatch(_ frame: ByteSlice, _ slot: ResponseSlot, _ connection: Connection) throws {
        var reader = ByteReader(frame)
        let key = try reader.readInt16()
        let version = try reader.readInt16()
        let isVersionQuery = key == APIKey.apiVersions.rawValue
        guard let api = self.table[key], api.versions.contains(version) || isVersionQuery else {
            throw RequestError(
                .unsupportedAPI,
                "API \(APIKey(rawValue: key)) version \(version) is not served on listener \(connection.listenerName)")
        }
        let correlationID = try reader.readInt32()
        let clientID = try reader.readNullableString(compact: false)
        // The header of a version beyond ours may hold what we cannot read; it is answered without its body.
        if api.versions.contains(version), APITable.requestHeaderVersion(for: api.key, version: version) >= 2 {
            try reader.skipTaggedFields()
        }
        var request = Request(
            connection: connection, slot: slot, frame: frame, apiKey: api.key, apiVersion: version,
            correlationID: correlationID, clientID: clientID, body: reader.rest, receivedAt: connection.loop.now,
            metrics: self.metrics)
        let times = (connection.userState as? ServedConnection)?.times
        request.times = times
        let clock = connection.loop.clock
        times?.begin(slot, api.key, received: request.receivedAt, started: clock.monotonic)
        defer { times?.handled(slot, at: clock.monotonic) }
        if isVersionQuery {
            try self.apiVersions.handle(request, table: self.table)
        } else {
            try api.handle(request)
        }
    }

    private func refuse(_ connection: Connection, _ reason: String) {
        self.metrics.connectionRefused()
        self.log.warn(
            "closing a connection",
            [
                "listener": LogValue(connection.listenerName), "peer": LogValue(connection.peer),
                "reason": LogValue(reason),
            ])
        connection.close(.requested(reason))
    }
}
