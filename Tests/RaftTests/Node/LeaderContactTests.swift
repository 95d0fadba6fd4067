import ApusCore
import Raft
import Testing

@Suite("When a replica last heard a leader")
struct LeaderContactTests {
    @Test("A replica that has just started has heard none, and a follower only once its leader answers")
    func none() {
        #expect(Scene.unattached().node.leaderHeardAt == nil)
        #expect(Scene.candidate().node.leaderHeardAt == nil)
        #expect(Scene.follower().node.leaderHeardAt == nil)
    }

    @Test("A follower remembers the last answer of its leader through the election that makes it the next")
    func followerIsElected() {
        var scene = Scene.follower(isHeard: true)
        let heard = scene.now
        #expect(scene.node.leaderHeardAt == heard)
        _ = scene.pass(.milliseconds(300))
        _ = scene.receive(.heard(2, 5), to: 2)
        #expect(scene.node.leaderHeardAt == heard + .milliseconds(300))
        // The leader is silent: the next fetch is request 3, the pre-votes are 4 and 5, the votes 6 and 7.
        _ = scene.pass(.seconds(3))
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 5), isGranted: true), to: 5)
        _ = scene.receive(.vote(.init(leaderID: nil, epoch: 6), isGranted: true), to: 7)
        #expect(scene.node.isLeader)
        #expect(scene.node.leaderHeardAt == heard + .milliseconds(300))
    }

    @Test("A leader has heard itself until it led no longer")
    func leaderSteppedDown() {
        var scene = Scene.leader()
        #expect(scene.node.leaderHeardAt == nil)
        _ = scene.pass(.milliseconds(700))
        _ = scene.node.resign(epoch: 1, now: scene.now)
        #expect(scene.node.leaderHeardAt == scene.now)
    }
}
