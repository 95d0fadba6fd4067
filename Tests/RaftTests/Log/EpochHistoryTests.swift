import ApusCore
import Raft
import Testing

@Suite("The epochs of a log")
struct EpochHistoryTests {
    /// Offsets 0..<10 of epoch 1, 10..<15 of epoch 3, 15..<16 of epoch 7.
    static let three = EpochHistory(
        start: .zero,
        entries: [.init(epoch: 1, startOffset: 0), .init(epoch: 3, startOffset: 10), .init(epoch: 7, startOffset: 15)],
        endOffset: 16)

    @Test("an empty log ends at offset 0 in epoch 0")
    func empty() {
        #expect(EpochHistory().end == .zero)
        #expect(EpochHistory().end(forEpoch: 5) == .zero)
    }

    @Test(
        "the end of an epoch is that of the largest epoch not above it",
        arguments: [
            (0, 0, 0), (1, 10, 1), (2, 10, 1), (3, 15, 3), (6, 15, 3), (7, 16, 7), (8, 16, 7),
        ] as [(LeaderEpoch, Offset, LeaderEpoch)])
    func endOfEpoch(asked: LeaderEpoch, offset: Offset, epoch: LeaderEpoch) {
        #expect(Self.three.end(forEpoch: asked) == OffsetAndEpoch(offset: offset, epoch: epoch))
    }

    @Test("truncation removes the epochs that begin at or after the cut")
    func truncation() {
        var log = Self.three
        log.truncate(to: 15)
        #expect(log.end == OffsetAndEpoch(offset: 15, epoch: 3))
        log.truncate(to: 12)
        #expect(log.end == OffsetAndEpoch(offset: 12, epoch: 3))
        log.truncate(to: 10)
        #expect(log.end == OffsetAndEpoch(offset: 10, epoch: 1))
        log.truncate(to: 0)
        #expect(log == EpochHistory())
    }

    @Test("a log whose beginning a snapshot replaced keeps the epoch before its start")
    func advancedStart() {
        var log = Self.three
        log.advanceStart(to: 12)
        #expect(
            log
                == EpochHistory(
                    start: OffsetAndEpoch(offset: 12, epoch: 3),
                    entries: [.init(epoch: 3, startOffset: 12), .init(epoch: 7, startOffset: 15)], endOffset: 16))
        log.advanceStart(to: 15)
        #expect(log.start == OffsetAndEpoch(offset: 15, epoch: 3))
        #expect(log.end(forEpoch: 3) == OffsetAndEpoch(offset: 15, epoch: 3))
        #expect(log.end(forEpoch: 2) == OffsetAndEpoch(offset: 15, epoch: 3))
        log.advanceStart(to: 16)
        #expect(log == EpochHistory(start: OffsetAndEpoch(offset: 16, epoch: 7)))
    }

    @Test("every split of the same records into runs is the same history")
    func runs() {
        var log = EpochHistory()
        log.append(epoch: 1, from: 0, to: 4)
        log.append(epoch: 1, from: 4, to: 10)
        log.append(epoch: 3, from: 10, to: 15)
        log.append(epoch: 7, from: 15, to: 16)
        #expect(log == Self.three)
    }
}
