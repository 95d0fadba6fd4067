import ApusCore
import History
import Testing

/// Anomalies that are cycles of operations.
struct CycleTests {
    private let key = HistoryBuilder.key
    private let other = HistoryBuilder.other

    private func reads(_ builder: inout HistoryBuilder, from began: Int64? = nil, until ended: Int64? = nil) {
        builder.poll([(0, 1), (1, 2)], by: 200, from: began, until: ended)
        builder.poll([(0, 1), (1, 2)], by: 201, of: self.other, from: began, until: ended)
    }

    @Test("Transactions whose writes follow each other both ways are G0, which is allowed by default")
    func writeCycle() {
        let builder = history {
            $0.transaction(by: 1, sends: [(self.key, 1, 0), (self.other, 2, 1)], from: 0, until: 100)
            $0.transaction(by: 2, sends: [(self.key, 2, 1), (self.other, 1, 0)], from: 0, until: 100)
            self.reads(&$0, from: 100, until: 110)
        }
        #expect(builder.found() == [Anomaly(kind: .writeCycle, key: nil, operations: [1, 0])])
        #expect(builder.history.check().isValid)
    }

    @Test("Transactions whose writes follow each other one way are right")
    func noWriteCycle() {
        let builder = history {
            $0.transaction(by: 1, sends: [(self.key, 1, 0), (self.other, 1, 0)], from: 0, until: 100)
            $0.transaction(by: 2, sends: [(self.key, 2, 1), (self.other, 2, 1)], from: 0, until: 100)
            self.reads(&$0, from: 100, until: 110)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A write that was stored before one that had ended earlier is G0 in real time")
    func realtimeWriteCycle() {
        let builder = history {
            $0.send(2, at: 1, by: 1, from: 0, until: 10)
            $0.send(1, at: 0, by: 2, from: 20, until: 30)
            $0.poll([(0, 1), (1, 2)], from: 40, until: 50)
        }
        #expect(builder.found() == [Anomaly(kind: .writeCycleRealtime, key: nil, operations: [1, 0])])
        let overlapping = history {
            $0.send(2, at: 1, by: 1, from: 0, until: 20)
            $0.send(1, at: 0, by: 2, from: 20, until: 30)
            $0.poll([(0, 1), (1, 2)], from: 40, until: 50)
        }
        #expect(overlapping.found().isEmpty)
    }

    @Test("A log that lost its end in an election has no one order")
    func uncleanElection() {
        let builder = history {
            $0.send(2, at: 1, by: 1, from: 0, until: 10)
            $0.send(1, at: 0, by: 2, from: 20, until: 30)
            $0.poll([(0, 1), (1, 2)], from: 40, until: 50)
            $0.noteUncleanElection()
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A value that is stored twice has no one place in the order")
    func storedTwice() {
        let builder = history {
            $0.send(1, at: 2, by: 1)
            $0.send(2, at: 1, by: 2, from: 0, until: 5)
            $0.poll([(0, 1), (1, 2), (2, 1)])
        }
        #expect(builder.classes() == [.duplicate])
    }

    @Test("A send of unknown end is before nothing")
    func unknownSend() {
        let builder = history {
            $0.send(2, .info, by: 1, from: 0, until: 10)
            $0.send(1, at: 0, by: 1, from: 20, until: 30)
            $0.poll([(0, 1), (1, 2)], from: 40, until: 50)
        }
        #expect(builder.found().map(\.kind) == [.nonmonotonicSend])
    }

    @Test("Two transactions that read each other's writes are G1c")
    func readCycle() {
        let builder = history {
            $0.transaction(
                by: 1, sends: [(self.key, 1, 0)], polls: [(self.other, 0, 1)], from: 0, until: 100)
            $0.transaction(
                by: 2, sends: [(self.other, 1, 0)], polls: [(self.key, 0, 1)], from: 0, until: 100)
        }
        #expect(builder.found() == [Anomaly(kind: .readCycle, key: nil, operations: [1, 0])])
        #expect(!builder.history.check().isValid)
    }

    @Test("Transactions that read one way are right")
    func noReadCycle() {
        let builder = history {
            $0.transaction(by: 1, sends: [(self.key, 1, 0)], from: 0, until: 100)
            $0.transaction(
                by: 2, sends: [(self.other, 1, 0)], polls: [(self.key, 0, 1)], from: 0, until: 100)
            $0.poll([(0, 1)], of: self.other, from: 0, until: 100)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A cycle of a write's successor and a read is found with write edges only")
    func writeEdges() {
        let builder = history {
            $0.transaction(
                by: 1, sends: [(self.key, 1, 0)], polls: [(self.other, 0, 1)], from: 0, until: 100)
            $0.transaction(by: 2, sends: [(self.key, 2, 1), (self.other, 1, 0)], from: 0, until: 100)
            $0.poll([(0, 1), (1, 2)], from: 100, until: 110)
        }
        #expect(builder.found().isEmpty)
        var options = CheckOptions()
        options.usesWriteEdges = true
        #expect(builder.found(options) == [Anomaly(kind: .readCycle, key: nil, operations: [0, 1])])
    }

    @Test("A process that reads what is written from what it does later is a cycle of its order")
    func processReadCycle() {
        // Process 1 reads other's value first, and only then writes what other's writer read.
        let builder = history {
            $0.poll([(0, 1)], by: 1, of: self.other, from: 0, until: 10)
            $0.send(1, at: 0, by: 1, from: 10, until: 20)
            $0.transaction(
                by: 2, sends: [(self.other, 1, 0)], polls: [(self.key, 0, 1)], from: 0, until: 100)
        }
        #expect(builder.classes() == [.readCycleProcess])
        #expect(builder.found().first?.operations.sorted() == [0, 1, 2])
    }

    @Test("A read that had ended before its value was sent is a cycle of real time")
    func realtimeReadCycle() {
        let builder = history {
            $0.poll([(0, 1)], by: 1, from: 0, until: 10)
            $0.send(1, at: 0, by: 2, from: 20, until: 30)
        }
        #expect(builder.found() == [Anomaly(kind: .readCycleRealtime, key: nil, operations: [1, 0])])
        let overlapping = history {
            $0.poll([(0, 1)], by: 1, from: 0, until: 20)
            $0.send(1, at: 0, by: 2, from: 20, until: 30)
        }
        #expect(overlapping.found().isEmpty)
    }
}
