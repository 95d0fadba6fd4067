import ApusCore
import Broker
import ClusterMetadata
import Testing

@Suite("Registration of a controller")
struct ControllerPresenceTests {
    private static let own = ControllerRegistration(
        id: 3, incarnationID: KafkaUUID(high: 1, low: 1),
        endpoints: [Endpoint(name: "CONTROLLER", host: "here", port: 9093, securityProtocol: 0)],
        features: ["metadata.version": FeatureRange(min: 7, max: 30)])

    @Test("It asks once, and asks no more once the metadata says what is so")
    func registers() {
        var presence = ControllerPresence(registration: Self.own)
        #expect(presence.metadataApplied(nil, isSupported: true) == [.sendRegistration])
        #expect(presence.metadataApplied(nil, isSupported: true) == [])
        #expect(presence.answered(isAccepted: true) == [.setTimer(.seconds(2))])
        #expect(presence.metadataApplied(Self.own, isSupported: true) == [.registered])
        #expect(presence.timerFired() == [])
        #expect(presence.metadataApplied(Self.own, isSupported: true) == [])
        #expect(presence.phase == .known)
    }

    @Test(
        "Another process, other listeners and other features are each reason to register again",
        arguments: [
            ControllerRegistration(
                id: 3, incarnationID: KafkaUUID(high: 9, low: 9), endpoints: own.endpoints, features: own.features),
            ControllerRegistration(id: 3, incarnationID: own.incarnationID, endpoints: [], features: own.features),
            ControllerRegistration(id: 3, incarnationID: own.incarnationID, endpoints: own.endpoints, features: [:]),
        ])
    func differs(found: ControllerRegistration) {
        var presence = ControllerPresence(registration: Self.own)
        #expect(presence.metadataApplied(found, isSupported: true) == [.sendRegistration])
    }

    @Test("A registration that was refused, or is never seen, is made again, more and more patiently")
    func retries() {
        var presence = ControllerPresence(registration: Self.own)
        _ = presence.metadataApplied(nil, isSupported: true)
        for milliseconds: Int64 in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
            #expect(presence.answered(isAccepted: false) == [.setTimer(.milliseconds(milliseconds))])
            #expect(presence.timerFired() == [.sendRegistration])
        }
        #expect(presence.answered(isAccepted: true) == [.setTimer(.seconds(2))])
        #expect(presence.timerFired() == [.sendRegistration])
        #expect(presence.timerFired() == [])
    }

    @Test("A cluster whose metadata is too old for it is not asked, until it is raised")
    func tooOld() {
        var presence = ControllerPresence(registration: Self.own)
        #expect(presence.metadataApplied(nil, isSupported: false) == [])
        #expect(presence.phase == .unknown)
        #expect(presence.metadataApplied(nil, isSupported: true) == [.sendRegistration])
    }
}
