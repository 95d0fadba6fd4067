import MessageSchema
import Testing

@Suite("Version ranges")
struct VersionRangeTests {
    @Test("are written as one version, two ends or an open end", arguments: ["4", "4-7", "4+", "0"])
    func text(text: String) {
        #expect(VersionRange(text: text)?.description == text)
    }

    @Test("are refused where they are none", arguments: ["", "+", "-", "7-4", "1-2-3", "x", "-1", "4++", "99999"])
    func refusals(text: String) {
        #expect(VersionRange(text: text) == nil)
    }

    @Test("meet where both hold")
    func intersection() {
        #expect(VersionRange(0, 5).intersection(VersionRange(3, .max)) == VersionRange(3, 5))
        #expect(VersionRange(0, 2).intersection(VersionRange(3, 4)) == nil)
        #expect(VersionRange(0, 2).hull(VersionRange(5, 6)) == VersionRange(0, 6))
        #expect(VersionRange(1, 4).contains(VersionRange(1, 4)))
        #expect(!VersionRange(1, 4).contains(VersionRange(1, .max)))
    }
}
