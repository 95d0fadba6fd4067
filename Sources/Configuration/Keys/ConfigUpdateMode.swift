/// Whether a broker config can be changed while the broker runs (KIP-226).
package enum ConfigUpdateMode: String, Hashable, Sendable {
    /// Only by a restart.
    case readOnly = "read-only"
    /// For one broker at a time.
    case perBroker = "per-broker"
    /// For one broker, or for all with one default.
    case clusterWide = "cluster-wide"
}
