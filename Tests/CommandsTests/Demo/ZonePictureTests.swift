import Commands
import Testing

@Suite("Picture of zones")
struct ZonePictureTests {
    private static let picture = ZonePicture(
        zones: [
            .init(name: "a", nodes: [0, 3], runningNodes: [0, 3], leaderCount: 3),
            .init(name: "b", nodes: [1, 4], runningNodes: [4], leaderCount: 3),
            .init(name: "cc", nodes: [2, 15], runningNodes: [], leaderCount: 0),
        ], partitionCount: 6)

    @Test("has a line for each zone, whose columns stand under each other")
    func lines() {
        #expect(
            Self.picture.lines == [
                "a   up         nodes 0, 3   leads [###...] 3", "b   partly up  nodes 1, 4   leads [###...] 3",
                "cc  LOST       nodes 2, 15  leads [......] 0",
            ])
        #expect(Self.picture.line == "leaders: a 3, b 3, cc LOST")
    }

    @Test("names the zone with most leaders, of equals the first")
    func busiest() {
        #expect(Self.picture.busiest?.name == "a")
    }
}
