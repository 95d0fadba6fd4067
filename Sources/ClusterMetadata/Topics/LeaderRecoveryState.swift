/// Whether a leader was elected cleanly, or from outside the ISR and has yet to recover (KIP-704).
package enum LeaderRecoveryState: Int8, Sendable {
    case recovered = 0
    case recovering = 1
}
