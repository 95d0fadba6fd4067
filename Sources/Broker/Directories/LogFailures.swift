import Synchronization

/// Where reports of failed files go, from any thread: a file that could not be written, or read as it was written,
/// means that the log directory it is in cannot be trusted any more.
package final class LogFailures: Sendable {
    package typealias Handler = @Sendable (Partition?) -> Void

    private let handler = Mutex<Handler?>(nil)

    package init() {}

    /// Reports go to `handler` from now on, on the thread that makes them; it must not wait.
    package func setHandler(_ handler: @escaping Handler) {
        self.handler.withLock { $0 = handler }
    }

    /// A file of the partition's log failed, or something in a directory that the log store knows of already.
    package func report(_ partition: Partition?) {
        let handler = self.handler.withLock { $0 }
        handler?(partition)
    }
}
