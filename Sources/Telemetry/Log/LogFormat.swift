/// How a line of the log is written.
package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// `2026-11-21T10:00:00.000Z INFO raft elected epoch=3 leader=1`
    case text
    /// `{"time":"2026-11-21T10:00:00.000Z","level":"info","subsystem":"raft","event":"elected","epoch":3,"leader":1}`
    case json
}
