import ApusCore
import History
import Testing

/// Anomalies that one value shows.
struct ValueAnomalyTests {
    private let key = HistoryBuilder.key

    @Test("A log that is read as it was written shows nothing")
    func clean() {
        let builder = history {
            for value in 0..<5 { $0.send(WrittenValue(Int64(value)), at: Offset(Int64(value))) }
            $0.poll([(0, 0), (1, 1), (2, 2)])
            $0.poll([(3, 3), (4, 4)])
        }
        let verdict = builder.history.check()
        #expect(verdict.isValid && verdict.allowed.isEmpty && verdict.counts.isEmpty)
        #expect(verdict.sentOK == 5 && verdict.readOK == 5 && verdict.operationCount == 7)
    }

    @Test("Two values that were read at one offset are inconsistent offsets")
    func inconsistentOffsets() {
        let builder = history {
            $0.send(1, .info)
            $0.send(2, .info, by: 1)
            $0.poll([(0, 1)], by: 100)
            $0.poll([(0, 2)], by: 101)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .inconsistentOffsets, key: self.key, offsets: [0], values: [1, 2], operations: [2, 3])
            ])
    }

    @Test("An acknowledged offset where another value was read is an inconsistent offset")
    func inconsistentWithAcknowledgement() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, .info, by: 1)
            $0.poll([(0, 2), (1, 1)], by: 100)
        }
        #expect(builder.classes() == [.inconsistentOffsets, .duplicate])
    }

    @Test("The offset of an unknown send that nobody read says nothing")
    func unknownOffset() {
        let builder = history {
            $0.send(1, at: 0, .info)
            $0.send(2, .info, by: 1)
            $0.poll([(0, 2)])
        }
        #expect(builder.found().isEmpty)
    }

    @Test("One value at two offsets is a duplicate")
    func duplicate() {
        let builder = history {
            $0.send(1, at: 0)
            $0.poll([(0, 1), (1, 1), (2, 1)])
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .duplicate, key: self.key, offsets: [0, 1, 2], values: [1], operations: [0])
            ])
    }

    @Test("One value in two partitions is no duplicate")
    func sameValueElsewhere() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(1, at: 1, to: HistoryBuilder.other)
            $0.poll([(0, 1)])
            $0.poll([(1, 1)], of: HistoryBuilder.other)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A value that was read and whose writer failed is an aborted read")
    func abortedRead() {
        let builder = history {
            $0.send(1, .fail)
            $0.poll([(0, 1)], by: 100)
            $0.poll([(0, 1)], by: 101)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .abortedRead, key: self.key, offsets: [0], values: [1], operations: [0, 1])
            ])
    }

    @Test("A failed poll of a failed value is no aborted read")
    func abortedReadNotDelivered() {
        let builder = history {
            $0.send(1, .fail)
            $0.poll([(0, 1)], .fail)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A value that nobody sent is an unwritten read")
    func unwrittenRead() {
        let builder = history { $0.poll([(3, 9)]) }
        #expect(
            builder.found() == [
                Anomaly(kind: .unwrittenRead, key: self.key, offsets: [3], values: [9], operations: [0])
            ])
    }

    @Test("A transaction that reads what it sends is a precommitted read")
    func precommittedRead() {
        let builder = history {
            $0.transaction(by: 1, sends: [(HistoryBuilder.key, 1, 0)], polls: [(HistoryBuilder.key, 0, 1)])
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .precommittedRead, key: self.key, offsets: [0], values: [1], operations: [0])
            ])
    }

    @Test("A transaction may read the same value from another partition")
    func notPrecommitted() {
        let builder = history {
            $0.send(1, at: 0, to: HistoryBuilder.other)
            $0.transaction(by: 1, sends: [(HistoryBuilder.key, 1, 0)], polls: [(HistoryBuilder.other, 0, 1)])
            $0.poll([(0, 1)])
        }
        #expect(builder.found().isEmpty)
    }

    @Test("An acknowledged value that readers passed by is a lost write")
    func lostWrite() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, at: 1)
            $0.send(3, at: 2)
            $0.poll([(0, 1), (2, 3)])
        }
        #expect(
            builder.found().first
                == Anomaly(kind: .lostWrite, key: self.key, offsets: [1], values: [2], operations: [1]))
        #expect(builder.classes() == [.lostWrite, .unseen, .intPollSkip])
    }

    @Test("An unknown send must have committed when one of its values was read; another one may be lost")
    func lostByUnknownSend() {
        let builder = history {
            $0.add(
                0,
                .steps([
                    .send(SentValue(key: HistoryBuilder.key, value: 1, offset: 0)),
                    .send(SentValue(key: HistoryBuilder.key, value: 2, offset: 1)),
                ]), .info)
            $0.send(3, at: 2, by: 1)
            $0.poll([(0, 1), (2, 3)])
        }
        #expect(builder.classes() == [.lostWrite, .intPollSkip])
    }

    @Test("What lies behind all reads is not lost, only unseen")
    func unseen() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, at: 1)
            $0.poll([(0, 1)])
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .unseen, key: self.key, offsets: [1], values: [2], operations: [1])
            ])
        var options = CheckOptions()
        options.hasFinalReads = false
        #expect(builder.found(options).isEmpty)
    }

    @Test("What nobody read is not lost where the last readers could not read, though others read behind it")
    func unreadable() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, at: 1)
            $0.poll([(1, 2)])
        }
        #expect(builder.classes() == [.lostWrite, .unseen])
        var options = CheckOptions()
        options.unreadable = [HistoryBuilder.other]
        #expect(builder.classes(options) == [.lostWrite, .unseen])
        options.unreadable = [self.key]
        #expect(builder.history.check(options).isValid)
    }

    @Test("Sends of unknown end and polls of unknown end are not held against the cluster")
    func unknownUnseen() {
        let builder = history {
            $0.send(1, .info)
            $0.send(2, at: 0)
            $0.poll([(0, 2)], .info)
            $0.poll([(0, 2)])
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A value that was seen only by a poll of unknown end is lost when readers passed it")
    func lostAfterUnknownPoll() {
        let builder = history {
            $0.send(1)
            $0.send(2, at: 1)
            $0.poll([(0, 1)], .info)
            $0.poll([(1, 2)], by: 101)
        }
        #expect(builder.classes() == [.lostWrite, .unseen])
    }

    @Test("Loss in a partition with an unclean election has a class of its own")
    func uncleanElection() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, at: 0, by: 1)
            $0.poll([(0, 2)])
            $0.noteUncleanElection()
        }
        #expect(builder.classes() == [.lossAfterUncleanElection])
        var options = CheckOptions()
        options.allowedByKey = [self.key: [.lossAfterUncleanElection]]
        #expect(builder.history.check(options).isValid)
    }

    @Test("What was lost in an election and is stored elsewhere by another attempt is no duplicate")
    func lostAndStoredElsewhere() {
        let builder = history {
            $0.send(1, at: 0)
            $0.poll([(0, 1)], by: 100)
            $0.poll([(0, 2), (1, 1)], by: 101)
            $0.send(2, .info, by: 1)
            $0.noteUncleanElection()
        }
        #expect(builder.classes() == [.lossAfterUncleanElection])
    }

    @Test("A value twice in one log is a duplicate whatever elections there were")
    func duplicateBesidesLoss() {
        let builder = history {
            $0.send(1, at: 0)
            $0.poll([(0, 1)], by: 100)
            $0.poll([(1, 1)], by: 100)
            $0.noteUncleanElection()
        }
        #expect(builder.classes() == [.duplicate])
        let again = history {
            $0.send(1, at: 0)
            $0.poll([(0, 1)], by: 100)
            $0.add(100, .seek([HistoryBuilder.key]))
            $0.poll([(1, 1)], by: 100)
            $0.noteUncleanElection()
        }
        #expect(again.classes() == [.lossAfterUncleanElection])
    }
}
