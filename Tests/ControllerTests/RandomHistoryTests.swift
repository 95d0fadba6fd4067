import ApusCore
import Testing

struct RandomHistoryTests {
    @Test("Whatever happens, ISR and ELR keep what was acknowledged, and the log tells all", arguments: 1...20)
    func history(seed: Int) throws {
        var history = try RandomHistory(seed: UInt64(seed))
        do {
            try history.run(steps: 250)
        } catch {
            Issue.record("seed \(seed): \(error)")
        }
    }
}
