import ApusCore
import History
import Testing

struct VerdictTests {
    private let key = HistoryBuilder.key

    @Test("The order in which operations were appended does not matter, but for their ids")
    func orderOfAppending() {
        let builder = history {
            for value in 0..<20 { $0.send(WrittenValue(Int64(value)), at: Offset(Int64(value)), by: 1) }
            $0.poll((0..<20).filter { $0 != 7 }.map { (Offset(Int64($0)), WrittenValue(Int64($0))) })
        }
        var reversed = ClientHistory()
        for operation in builder.history.operations.reversed() { reversed.append(operation) }
        let (one, other) = (builder.history.check(), reversed.check())
        #expect(one.counts == other.counts && !one.isValid)
        #expect(one.anomalies.map(\.values) == other.anomalies.map(\.values))
    }

    @Test("Of many anomalies of a class some are told and all are counted")
    func details() {
        let builder = history {
            for value in 0..<50 { $0.send(WrittenValue(Int64(value)), at: Offset(Int64(value)), by: 1) }
        }
        var options = CheckOptions()
        options.detailsMax = 3
        let verdict = builder.history.check(options)
        #expect(verdict.anomalies.map(\.values) == [[0], [1], [2]])
        #expect(verdict.counts == [.init(kind: .unseen, key: self.key, count: 50, isAllowed: false)])
    }

    @Test("What is allowed at one partition is not allowed at another")
    func allowedByKey() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(1, at: 0, to: HistoryBuilder.other)
            $0.poll([(0, 1), (1, 1)])
            $0.poll([(0, 1), (1, 1)], of: HistoryBuilder.other)
        }
        var options = CheckOptions()
        options.allowedByKey = [self.key: AnomalyClass.allowedWithoutIdempotence]
        let verdict = builder.history.check(options)
        #expect(verdict.anomalies.map(\.key) == [HistoryBuilder.other])
        #expect(verdict.allowed.map(\.key) == [self.key])
    }

    @Test("Histories that were recorded apart are judged together")
    func appendedHistories() {
        let writers = history { $0.send(1, at: 0) }
        let readers = history { $0.poll([(0, 1)], from: 50, until: 60) }
        var all = writers.history
        all.append(contentsOf: readers.history)
        #expect(all.check().isValid)
        #expect(all[1] == readers.history[0])
    }

    @Test("A long history with a loss in the middle shows exactly that")
    func longHistory() {
        let count: Int64 = 30_000
        let builder = history {
            for value in 0..<count { $0.send(WrittenValue(value), at: Offset(value), by: ProcessID(Int32(value % 7))) }
            for start in stride(from: Int64(0), to: count, by: 100) {
                let values = (start..<start + 100).filter { $0 != count / 2 }
                $0.poll(values.map { (Offset($0), WrittenValue($0)) })
            }
        }
        let verdict = builder.history.check()
        #expect(verdict.count(of: .lostWrite) == 1 && verdict.count(of: .pollSkip) == 1)
        #expect(verdict.count(of: .unseen) == 1 && verdict.counts.count == 3)
    }
}
