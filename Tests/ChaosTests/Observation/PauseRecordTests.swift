import ApusCore
import Chaos
import Testing

@Suite("The record of pauses")
struct PauseRecordTests {
    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private static var record: PauseRecord {
        var record = PauseRecord(partitionCount: 3)
        for partition in 0..<3 { record.acknowledged(partition, began: at(0), now: at(10)) }
        record.acknowledged(0, began: at(20), now: at(900))
        record.acknowledged(1, began: at(20), now: at(40))
        return record
    }

    @Test("a pause begins when there was something to write, and ends with its acknowledgement")
    func pauses() {
        #expect(Self.record.pauses == [.init(partition: 0, from: Self.at(20), to: Self.at(900))])
        #expect(Self.record.longest == [.milliseconds(880), .milliseconds(20), .milliseconds(10)])
    }

    @Test("a partition's recovery is the time from the fault to the end of its pause")
    func recoveries() {
        let recoveries = Self.record.recoveries(from: Self.at(100), until: Self.at(2000))
        #expect(recoveries == [.milliseconds(800), .zero, .zero])
    }

    @Test("a partition that never acknowledged again has not recovered")
    func unfinished() {
        var record = Self.record
        record.end(unfinished: [1: Self.at(350)])
        #expect(record.recoveries(from: Self.at(100), until: Self.at(2000)) == [.milliseconds(800), nil, .zero])
    }

    @Test("a partition that pauses again at once has not recovered, and a pause long after says nothing")
    func again() {
        var record = PauseRecord(partitionCount: 1)
        record.acknowledged(0, began: Self.at(0), now: Self.at(10))
        record.acknowledged(0, began: Self.at(110), now: Self.at(400))
        record.acknowledged(0, began: Self.at(410), now: Self.at(420))
        record.acknowledged(0, began: Self.at(500), now: Self.at(1500))
        #expect(record.recoveries(from: Self.at(100), until: Self.at(9000)) == [.milliseconds(1400)])
        record.acknowledged(0, began: Self.at(4000), now: Self.at(5000))
        #expect(record.recoveries(from: Self.at(100), until: Self.at(9000)) == [.milliseconds(1400)])
    }

    @Test("a pause that begins after the next fault counts for that one")
    func later() {
        var record = Self.record
        record.acknowledged(2, began: Self.at(2500), now: Self.at(3000))
        #expect(record.recoveries(from: Self.at(100), until: Self.at(2000))[2] == .zero)
        #expect(record.recoveries(from: Self.at(2400), until: Self.at(4000))[2] == .milliseconds(600))
    }
}
