import ApusCore
import KafkaClient
import KafkaPrimitives
import Testing

@Suite struct KeyPartitionerTests {
    /// Values of Kafka's own `UtilsTest.testMurmur2`, as partitions of 2^31 - 1.
    @Test func keysGoWhereKafkasClientsSendThem() {
        let hashes: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ]
        for (key, hash) in hashes {
            let expected = Int(UInt32(bitPattern: hash) & 0x7fff_ffff) % 97
            let found = KeyPartitioner.partition(of: ByteSlice(Array(key.utf8)), count: 97)
            #expect(found == PartitionIndex(Int32(expected)))
        }
    }
}
