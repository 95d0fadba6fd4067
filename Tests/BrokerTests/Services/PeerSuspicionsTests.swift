import ApusCore
import Broker
import Testing

struct PeerSuspicionsTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("A lost broker is suspected for two seconds and listed for nine, however often it is lost again")
    func ends() {
        let suspicions = PeerSuspicions()
        suspicions.connectionLost(to: 1, now: self.start)
        suspicions.connectionLost(to: 1, now: self.start + .milliseconds(1999))
        #expect(suspicions.current(now: self.start + .milliseconds(1999)) == [1])
        #expect(suspicions.current(now: self.start + .milliseconds(2000)) == [])
        #expect(suspicions.stillListed(now: self.start + .milliseconds(8999)) == [1])
        #expect(suspicions.stillListed(now: self.start + .milliseconds(9000)) == [])
    }

    @Test("A broker that is connected again is not suspected, and may be lost anew")
    func renewed() {
        let suspicions = PeerSuspicions()
        suspicions.connectionLost(to: 1, now: self.start)
        suspicions.connectionLost(to: 2, now: self.start)
        suspicions.connected(to: 1)
        #expect(suspicions.current(now: self.start) == [2])
        suspicions.connectionLost(to: 1, now: self.start + .seconds(3))
        #expect(suspicions.current(now: self.start + .seconds(3)) == [1])
    }
}
