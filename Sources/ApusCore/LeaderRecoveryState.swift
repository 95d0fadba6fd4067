/// Whether a leader was elected without regard to the ISR and has still to say that it dealt with it.
///
/// Source: `LeaderRecoveryState` of the partition record, KIP-704.
public enum LeaderRecoveryState: Int8, Sendable {
    case recovered = 0
    case recovering = 1
}
