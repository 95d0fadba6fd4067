import Broker
import Telemetry
import Testing

@Suite("Fetch traffic")
struct FetchTrafficTests {
    @Test("bytes cross zones only between two zones that are known")
    func zones() {
        let traffic = FetchTraffic()
        traffic.add(1, zone: "a", ownZone: "a")
        traffic.add(2, zone: "a", ownZone: "b")
        traffic.add(4, zone: nil, ownZone: "b")
        traffic.add(8, zone: "a", ownZone: nil)
        traffic.add(0, zone: "a", ownZone: "b")
        #expect(traffic.bytes.value == 15)
        #expect(traffic.bytesAcrossZones.value == 2)
    }

    @Test("bytes are counted by zone for the zones that brokers are in, and for all others together")
    func byZone() throws {
        let traffic = FetchTraffic()
        let own = try #require(traffic.count(zone: "a"))
        let next = try #require(traffic.count(zone: "b"))
        let unnamed = try #require(traffic.count(zone: FetchTraffic.unnamedZone))
        let unknown = try #require(traffic.count(zone: FetchTraffic.unknownZone))
        #expect(traffic.count(zone: "a") == nil)
        for (bytes, zone) in [(1, "a"), (2, "b"), (4, nil), (8, "made up"), (16, "made up too")] as [(Int, String?)] {
            traffic.add(bytes, zone: zone, ownZone: "a")
        }
        #expect([own, next, unnamed, unknown].map(\.value) == [1, 2, 4, 24])
        // A broker without a zone tells nothing apart.
        traffic.add(32, zone: "b", ownZone: nil)
        #expect(next.value == 2)
        #expect(traffic.bytes.value == 63)
    }
}
