package import ApusCore

/// Where the time of one answered request went, split as Kafka splits it.
package struct RequestDurations: Equatable {
    /// From its last byte until its handler ran.
    package var queue: Interval
    /// In its handler.
    package var local: Interval
    /// From the handler's return to the answer: waiting for replicas, data or the controller.
    package var remote: Interval
    /// From the answer until the kernel had all of it.
    package var send: Interval

    /// - Parameter handled: when the handler returned; nil where it had answered before that.
    package init(received: Instant, started: Instant, handled: Instant?, answered: Instant, sent: Instant) {
        // An answer from another thread may be given while the handler is still returning.
        let handlerEnd = min(handled ?? answered, answered)
        self.queue = max(.zero, started - received)
        self.local = max(.zero, handlerEnd - started)
        self.remote = max(.zero, answered - handlerEnd)
        self.send = max(.zero, sent - answered)
    }
}
