import ClusterMetadata
import Testing

struct ShardedDictionaryTests {
    @Test("A copy does not see later changes of the original")
    func copies() {
        var original = ShardedDictionary<Int, String>()
        for key in 0..<1000 { original[key] = "a" }
        let copy = original
        original[7] = "b"
        original.removeValue(forKey: 8)
        _ = original.modify(9) { $0 += "c" }
        #expect(original.count == 999)
        #expect([original[7], original[8], original[9]] == ["b", nil, "ac"])
        #expect(copy.count == 1000)
        #expect([copy[7], copy[8], copy[9]] == ["a", "a", "a"])
        #expect(copy.sortedKeys() == Array(0..<1000))
    }
}
