/// The log of one subsystem. Costs one comparison where a level is not written.
package struct Logger: Sendable {
    package let subsystem: String
    private let least: LogLevel?
    private let sink: LogSink?

    /// Writes what reaches the subsystem's level to `sink`.
    package init(subsystem: String, sink: LogSink) {
        self.subsystem = subsystem
        self.sink = sink
        self.least = sink.levels.level(of: subsystem)
    }

    private init() {
        self.subsystem = ""
        self.sink = nil
        self.least = nil
    }

    /// Writes nothing.
    package static let disabled = Logger()

    /// True where a line of `level` would be written.
    package func isEnabled(_ level: LogLevel) -> Bool {
        guard let least else { return false }
        return level >= least
    }

    /// Writes `event` with `fields`; both are only worked out where `level` is written.
    package func log(_ level: LogLevel, _ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields) {
        guard let sink, self.isEnabled(level) else { return }
        sink.write(
            LogLine(
                time: LogSink.now(), level: level, subsystem: self.subsystem, event: event(), fields: fields()))
    }

    package func trace(_ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        self.log(.trace, event(), fields())
    }

    package func debug(_ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        self.log(.debug, event(), fields())
    }

    package func info(_ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        self.log(.info, event(), fields())
    }

    package func warn(_ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        self.log(.warn, event(), fields())
    }

    package func error(_ event: @autoclosure () -> String, _ fields: @autoclosure () -> LogFields = [:]) {
        self.log(.error, event(), fields())
    }
}
