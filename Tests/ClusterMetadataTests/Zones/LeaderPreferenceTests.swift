import ApusCore
import ClusterMetadata
import Testing

@Suite("Preference of leaders")
struct LeaderPreferenceTests {
    private static let brokers: [NodeID: BrokerRegistration] = {
        let racks: [(NodeID, String?)] = [(0, "a"), (1, "b"), (2, "c"), (3, "a"), (4, nil)]
        return Dictionary(
            uniqueKeysWithValues: racks.map { id, rack in
                (id, BrokerRegistration(id: id, epoch: 1, incarnationID: .init(high: 0, low: 1), rack: rack))
            })
    }()

    @Test("Without zones the order of the assignment counts")
    func neutral() {
        let preference = LeaderPreference()
        #expect(preference.isNeutral)
        #expect(preference.ordered([2, 0, 1], brokers: Self.brokers) == [2, 0, 1])
        #expect(preference.preferredLeader(of: [2, 0, 1], brokers: Self.brokers) == 2)
        #expect(preference.preferredLeader(of: [], brokers: Self.brokers) == .none)
    }

    @Test("Zones that should lead come first in their order, then all others in the order of the assignment")
    func pinned() {
        let preference = LeaderPreference(zones: ["b", "a"])
        #expect(preference.ordered([2, 0, 4, 3, 1], brokers: Self.brokers) == [1, 0, 3, 2, 4])
    }

    @Test("Drained zones come last, also where they should lead")
    func drained() {
        let preference = LeaderPreference(zones: ["b", "a"], drainedZones: ["b"])
        #expect(preference.ordered([1, 2, 4, 0], brokers: Self.brokers) == [0, 2, 4, 1])
        let all = LeaderPreference(zones: ["b"], drainedZones: ["a", "b", "c"])
        #expect(all.ordered([0, 1, 2], brokers: Self.brokers) == [1, 0, 2])
        #expect(all.ordered([0, 1, 2, 4], brokers: Self.brokers) == [4, 1, 0, 2])
    }

    @Test("A broker that is not known counts as one without a zone")
    func unknownBroker() {
        #expect(LeaderPreference(drainedZones: ["a"]).ordered([0, 9], brokers: Self.brokers) == [9, 0])
    }

    @Test("A list of zones is read without the space around its names")
    func lists() {
        #expect(MetadataImage.zoneList(nil) == [])
        #expect(MetadataImage.zoneList(" ") == [])
        #expect(MetadataImage.zoneList("a, b 1 ,,c") == ["a", "b 1", "c"])
    }
}
