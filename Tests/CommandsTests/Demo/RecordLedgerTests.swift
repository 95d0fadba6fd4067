import Commands
import Testing

@Suite struct RecordLedgerTests {
    private func ledger(reading numbers: [Int]) -> RecordLedger.Verdict {
        var ledger = RecordLedger(partitionCount: 2)
        ledger.ended(3, of: 1, isStored: true)
        ledger.ended(2, of: 1, isStored: false)
        ledger.ended(1, of: 1, isStored: true)
        for number in numbers { ledger.read(number, of: 1) }
        ledger.close()
        return ledger.verdict
    }

    private func verdict(found: Int, lost: Int = 0, duplicated: Int = 0, misplaced: Int = 0) -> RecordLedger.Verdict {
        var verdict = RecordLedger.Verdict()
        verdict.acknowledged = 4
        verdict.found = found
        verdict.lost = lost
        verdict.duplicated = duplicated
        verdict.misplaced = misplaced
        return verdict
    }

    @Test func whatWasAcknowledgedMustBeThereAndTheRestMay() {
        #expect(self.ledger(reading: [0, 1, 2, 5]) == self.verdict(found: 4))
        #expect(self.ledger(reading: [0, 1, 2, 3, 4, 5]) == self.verdict(found: 6))
    }

    @Test func aMissingAcknowledgedRecordIsLost() {
        #expect(self.ledger(reading: [0, 2, 3]) == self.verdict(found: 3, lost: 2))
        #expect(self.ledger(reading: []) == self.verdict(found: 0, lost: 4))
    }

    @Test func aRecordReadTwiceIsADuplicate() {
        #expect(self.ledger(reading: [0, 1, 1, 2, 0, 5]) == self.verdict(found: 4, duplicated: 2))
    }

    @Test func aRecordOutOfItsPlaceIsNoticed() {
        #expect(self.ledger(reading: [0, 2, 1, 5]) == self.verdict(found: 4, misplaced: 1))
        #expect(self.ledger(reading: [0, 1, 2, 5, 6, -1]) == self.verdict(found: 4, misplaced: 2))
    }
}
