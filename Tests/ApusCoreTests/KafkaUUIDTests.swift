import ApusCore
import Testing

@Suite("Kafka UUIDs")
struct KafkaUUIDTests {
    @Test("the text of the metadata topic's id is Kafka's")
    func metadataTopic() {
        #expect(KafkaUUID.clusterMetadata.description == "AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(KafkaUUID("AAAAAAAAAAAAAAAAAAAAAQ") == .clusterMetadata)
    }

    @Test("random ids are version 4, never begin with a dash and survive their text")
    func randomRoundTrip() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<1000 {
            let uuid = KafkaUUID.random(using: &random)
            #expect(uuid.high >> 12 & 0xf == 4)
            #expect(uuid.low >> 62 == 2)
            #expect(!uuid.description.hasPrefix("-"))
            #expect(KafkaUUID(uuid.description) == uuid)
        }
    }

    @Test("text that is not 22 base64 characters is refused", arguments: ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAA!"])
    func malformed(text: String) {
        #expect(KafkaUUID(text) == nil)
    }
}
