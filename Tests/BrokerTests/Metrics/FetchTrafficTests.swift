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
}
