import Synchronization

/// How many connections there may be: in all (`max.connections`) and from one address (`max.connections.per.ip`).
///
/// Listeners that share a budget share its bounds.
package final class ConnectionBudget: Sendable {
    private struct State {
        var total = 0
        var perAddress: [String: Int] = [:]
    }

    package let totalMax: Int
    package let perAddressMax: Int
    private let state = Mutex(State())

    package init(totalMax: Int = .max, perAddressMax: Int = .max) {
        self.totalMax = totalMax
        self.perAddressMax = perAddressMax
    }

    /// Connections that stand.
    package var count: Int { self.state.withLock { $0.total } }

    /// Counts a connection from `host`; false where there may be no more.
    package func acquire(_ host: String) -> Bool {
        self.state.withLock { state in
            let fromHost = state.perAddress[host, default: 0]
            guard state.total < self.totalMax, fromHost < self.perAddressMax else { return false }
            state.total += 1
            state.perAddress[host] = fromHost + 1
            return true
        }
    }

    /// A connection that was counted has ended.
    package func release(_ host: String) {
        self.state.withLock { state in
            guard let fromHost = state.perAddress[host] else { preconditionFailure("released and not acquired") }
            state.total -= 1
            state.perAddress[host] = fromHost == 1 ? nil : fromHost - 1
        }
    }
}
