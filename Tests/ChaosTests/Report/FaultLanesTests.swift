import Chaos
import Testing

@Suite("Rows of faults")
struct FaultLanesTests {
    private func fault(_ from: Double, _ to: Double?, servedAgain: Double? = nil) -> FaultSpan {
        FaultSpan(kind: "kill", target: "node 0", nodes: [0], from: from, to: to, servedAgain: servedAgain)
    }

    @Test("hold one fault after the other as long as their names have room")
    func names() {
        let lanes = FaultLanes([fault(0, 2), fault(3, 4), fault(20, 22)], end: 100, nameWidth: 10)
        #expect(lanes.rows == [0, 1, 0])
        #expect(lanes.rowCount == 2)
        #expect(lanes.isNameBefore == [false, false, false])
    }

    @Test("count the way back of a node to its fault")
    func recovery() {
        let lanes = FaultLanes([fault(0, 2, servedAgain: 30), fault(25, 26)], end: 100, nameWidth: 10)
        #expect(lanes.rows == [0, 1])
        #expect(lanes.ends == [30, 26])
    }

    @Test("name a fault at the right edge on its left, and one that never ends too")
    func late() {
        let lanes = FaultLanes([fault(5, 6), fault(60, nil), fault(95, 97)], end: 100, nameWidth: 20)
        #expect(lanes.isNameBefore == [false, true, true])
        #expect(lanes.rows == [0, 0, 1])
        #expect(lanes.ends == [6, 100, 97])
    }
}
