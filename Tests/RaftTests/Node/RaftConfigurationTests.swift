import ApusCore
import Raft
import Testing

@Suite("The quorum's waits")
struct RaftConfigurationTests {
    @Test("A fetch waits half a second at its leader, and never so long that its follower gives the leader up")
    func fetchMaxWait() {
        var configuration = RaftConfiguration(
            local: Scene.key(1), voters: VoterSet(staticVoters: [1, 2, 3]))
        #expect(configuration.fetchMaxWait == .milliseconds(500))
        for timeout in [4, 50, 300, 1000, 1999] as [Int64] {
            configuration.fetchTimeout = .milliseconds(timeout)
            #expect(configuration.fetchMaxWait <= .milliseconds(timeout / 4 + 1))
            #expect(configuration.fetchMaxWait > .zero)
        }
        configuration.fetchTimeout = .seconds(60)
        #expect(configuration.fetchMaxWait == .milliseconds(500))
    }
}
