import ApusCore
import Replication
import Testing

@Suite struct PreferredReadReplicaTests {
    private let racks = [
        ReplicaRack(id: 1, rack: "a"), ReplicaRack(id: 2, rack: "b"), ReplicaRack(id: 3, rack: "b"),
    ]

    private func fixture() -> ReplicaFixture {
        var fixture = ReplicaFixture.leader()
        fixture.append(to: 10)
        fixture.fetch(from: 2, at: 8)
        fixture.fetch(from: 3, at: 6)
        return fixture
    }

    private func choice(_ fixture: ReplicaFixture, rack: String, offset: Offset = 5) -> NodeID? {
        fixture.replica.preferredReadReplica(clientRack: rack, fetchOffset: offset, racks: self.racks)
    }

    @Test func theLongestLogInTheRackIsPreferred() {
        #expect(self.choice(self.fixture(), rack: "b") == 2)
    }

    @Test func theLeaderIsReadWhereItIsInTheRackOrNobodyIs() {
        #expect(self.choice(self.fixture(), rack: "a") == nil)
        #expect(self.choice(self.fixture(), rack: "c") == nil)
        #expect(self.choice(self.fixture(), rack: "") == nil)
    }

    @Test func aReplicaWithoutTheOffsetIsNotPreferred() {
        var fixture = self.fixture()
        #expect(self.choice(fixture, rack: "b", offset: 9) == nil)
        fixture.fetch(from: 2, at: 8, logStart: 6)
        #expect(self.choice(fixture, rack: "b") == 3)
    }

    @Test func aReplicaOutOfSyncIsNotPreferred() {
        var fixture = self.fixture()
        _ = fixture.assign(leader: 1, isr: [1, 3], sameEpoch: true)
        #expect(self.choice(fixture, rack: "b") == 3)
    }

    @Test func amongEqualsTheOneCaughtUpLastThenTheHighestID() {
        var fixture = self.fixture()
        fixture.fetch(from: 3, at: 8)
        #expect(self.choice(fixture, rack: "b") == 3)
        fixture.now = fixture.now + .seconds(1)
        fixture.fetch(from: 3, at: 10)
        fixture.now = fixture.now + .seconds(1)
        fixture.fetch(from: 2, at: 10)
        #expect(self.choice(fixture, rack: "b") == 2)
    }

    @Test func aFollowerPrefersNobody() {
        var fixture = self.fixture()
        _ = fixture.assign(leader: 2, isr: [2, 3])
        #expect(self.choice(fixture, rack: "b") == nil)
    }
}
