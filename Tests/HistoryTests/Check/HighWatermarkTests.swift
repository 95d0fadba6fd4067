import ApusCore
import History
import Testing

/// Anomalies in the ends that answers tell.
struct HighWatermarkTests {
    private let key = HistoryBuilder.key
    private let server = PolledReads.Server(node: 1, leaderEpoch: 3)

    @Test("A server that tells a lower high watermark in the same epoch has gone back")
    func regression() {
        let builder = history {
            $0.poll([], by: 1, highWatermark: 10, server: self.server)
            $0.poll([], by: 2, highWatermark: 9, server: self.server)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .highWatermarkRegression, key: self.key, offsets: [10, 9], operations: [0, 1])
            ])
    }

    @Test("A lower high watermark from another server, in another epoch or of unknown origin says nothing")
    func incomparable() {
        let builder = history {
            $0.poll([], highWatermark: 10, server: self.server)
            $0.poll([], highWatermark: 9, server: .init(node: 2, leaderEpoch: 3))
            $0.poll([], highWatermark: 9, server: .init(node: 1, leaderEpoch: 4))
            $0.poll([], highWatermark: 9)
            $0.poll([], of: HistoryBuilder.other, highWatermark: 9, server: self.server)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("Answers to polls that overlap may come in any order")
    func concurrent() {
        let builder = history {
            $0.poll([], by: 1, highWatermark: 10, server: self.server, from: 0, until: 20)
            $0.poll([], by: 2, highWatermark: 9, server: self.server, from: 20, until: 30)
        }
        #expect(builder.found().isEmpty)
    }

    @Test("A last stable offset above the high watermark is wrong, at it is right")
    func lastStableOffset() {
        let builder = history {
            $0.poll([], highWatermark: 10, lastStableOffset: 10)
            $0.poll([], highWatermark: 10, lastStableOffset: 11)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .unstableOffset, key: self.key, offsets: [10, 11], operations: [1])
            ])
    }

    @Test("A value at the high watermark is above it, one before it is not")
    func readAbove() {
        let builder = history {
            $0.send(1, at: 0)
            $0.send(2, at: 1)
            $0.poll([(0, 1)], highWatermark: 1)
            $0.poll([(1, 2)], highWatermark: 1)
        }
        #expect(
            builder.found() == [
                Anomaly(kind: .readAboveHighWatermark, key: self.key, offsets: [1, 1], values: [2], operations: [3])
            ])
    }
}
