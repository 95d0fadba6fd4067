import ApusCore
import History
import Testing

/// Anomalies in the order of what one process did.
struct SessionAnomalyTests {
    private let key = HistoryBuilder.key

    private func written(_ count: Int64, _ more: (inout HistoryBuilder) -> Void) -> HistoryBuilder {
        history {
            for value in 0..<count { $0.send(WrittenValue(value), at: Offset(value * 2), by: 50) }
            more(&$0)
            let reads = (0..<count).map { (Offset($0 * 2), WrittenValue($0)) }
            $0.poll(reads, by: 200)
        }
    }

    @Test("Offsets that hold nothing are not skipped")
    func gaps() {
        let builder = self.written(3) {
            $0.poll([(0, 0)])
            $0.poll([(2, 1)])
            $0.poll([(4, 2)])
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A poll that leaves a value out is a poll skip")
    func pollSkip() {
        let builder = self.written(3) {
            $0.poll([(0, 0)])
            $0.poll([(4, 2)])
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .pollSkip, key: self.key, offsets: [0, 4], values: [0, 2], operations: [3, 4])
            ])
    }

    @Test("A poll that goes back is nonmonotonic, the same offset again too", arguments: [Int64(0), 1])
    func nonmonotonicPoll(to value: Int64) {
        let builder = self.written(3) {
            $0.poll([(0, 0), (2, 1)])
            $0.poll([(Offset(value * 2), WrittenValue(value))])
        }
        #expect(
            builder.found() == [
                Anomaly(
                    kind: .nonmonotonicPoll, key: self.key, offsets: [2, Offset(value * 2)],
                    values: [1, WrittenValue(value)], operations: [3, 4])
            ])
    }

    @Test("Another process, a seek or a new assignment begins anew")
    func newPositions() {
        let builder = self.written(3) {
            $0.poll([(4, 2)], by: 1)
            $0.poll([(0, 0)], by: 2)
            $0.add(1, .seek([HistoryBuilder.key]))
            $0.poll([(0, 0)], by: 1)
            $0.add(1, .assign([HistoryBuilder.other]))
            $0.add(1, .assign([HistoryBuilder.key]))
            $0.poll([(0, 0)], by: 1)
            $0.add(1, .subscribe(["elsewhere"]))
            $0.add(1, .subscribe(["log"]))
            $0.poll([(0, 0)], by: 1)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("An assignment that keeps the partition keeps its position")
    func keptPosition() {
        let builder = self.written(3) {
            $0.poll([(4, 2)], by: 1)
            $0.add(1, .assign([HistoryBuilder.key, HistoryBuilder.other]))
            $0.poll([(0, 0)], by: 1)
            $0.add(1, .subscribe(["log"]))
            $0.poll([(0, 0)], by: 1)
        }
        #expect(builder.found().map(\.kind) == [.nonmonotonicPoll, .nonmonotonicPoll])
    }

    @Test("After a poll of unknown end the position is unknown")
    func unknownPosition() {
        let builder = self.written(3) {
            $0.poll([(0, 0)])
            $0.poll([(2, 1)], .info)
            $0.poll([(0, 0)])
        }
        #expect(builder.found().isEmpty)
    }

    @Test("Within an operation reads skip or go back")
    func withinPoll() {
        let builder = self.written(3) {
            $0.poll([(0, 0), (4, 2)], by: 1)
            $0.poll([(2, 1), (0, 0)], by: 2)
            $0.poll([(0, 0), (2, 1), (4, 2)], by: 3)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .intPollSkip, key: self.key, offsets: [0, 4], values: [0, 2], operations: [3]),
                Anomaly(kind: .intNonmonotonicPoll, key: self.key, offsets: [2, 0], values: [1, 0], operations: [4]),
            ])
    }

    private func sends(_ first: Offset, _ second: Offset) -> HistoryBuilder {
        history {
            $0.add(
                1,
                .steps([
                    .send(SentValue(key: HistoryBuilder.key, value: 1, offset: first)),
                    .send(SentValue(key: HistoryBuilder.key, value: 2, offset: second)),
                ]))
            $0.send(3, at: 1, by: 2, from: 0, until: 20)
            let reads: [(Offset, WrittenValue)] = [(first, 1), (second, 2), (1, 3)]
            $0.poll(reads.sorted { $0.0 < $1.0 })
        }
    }

    @Test("Sends of one operation with another's between them are a skip, which is allowed by default")
    func intSendSkip() {
        let builder = self.sends(0, 2)
        #expect(
            builder.found() == [
                Anomaly(kind: .intSendSkip, key: self.key, offsets: [0, 2], values: [1, 2], operations: [0]),
                Anomaly(kind: .writeCycle, key: nil, operations: [1, 0]),
            ])
        let verdict = builder.history.check()
        #expect(verdict.isValid && verdict.allowed.map(\.kind) == [.intSendSkip, .writeCycle])
        #expect(verdict.count(of: .intSendSkip) == 1)
    }

    @Test("Sends of one operation that are stored the other way round are nonmonotonic")
    func intNonmonotonicSend() {
        #expect(
            self.sends(3, 2).found() == [
                Anomaly(kind: .intNonmonotonicSend, key: self.key, offsets: [3, 2], values: [1, 2], operations: [0])
            ])
    }

    @Test("Sends of one operation that follow each other are right")
    func adjacentSends() {
        #expect(self.sends(2, 3).found().isEmpty)
    }

    @Test("Successive sends of a process that are stored the other way round are nonmonotonic")
    func nonmonotonicSend() {
        let builder = history {
            $0.send(1, at: 1, by: 1, from: 0, until: 5)
            $0.send(2, .info, by: 1, from: 6, until: 9)
            $0.poll([(0, 2), (1, 1)])
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .nonmonotonicSend, key: self.key, offsets: [1, 0], values: [1, 2], operations: [0, 1]),
                Anomaly(kind: .writeCycleProcess, key: nil, operations: [1, 0]),
                Anomaly(kind: .writeCycleRealtime, key: nil, operations: [1, 0]),
            ])
    }

    @Test("Failed sends and sends to another partition are not compared")
    func unrelatedSends() {
        let builder = history {
            $0.send(1, at: 1, by: 1)
            $0.send(2, at: 0, .fail, by: 1)
            $0.send(3, at: 0, by: 1, to: HistoryBuilder.other)
            $0.send(4, at: 2, by: 1)
            $0.poll([(1, 1), (2, 4)])
            $0.poll([(0, 3)], of: HistoryBuilder.other)
        }
        #expect(builder.found().isEmpty)
    }
}
