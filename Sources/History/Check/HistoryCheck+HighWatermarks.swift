import ApusCore

/// One answer that told a high watermark.
private struct ToldWatermark {
    var key: TopicPartition
    var server: PolledReads.Server
    var highWatermark: Offset
    var operation: Int32
    var began: Instant
    var ended: Instant
}

// What is judged by the ends that answers tell.
extension HistoryCheck {
    /// high-watermark-regression, lso-above-high-watermark, read-above-high-watermark.
    mutating func checkPolls() {
        var told: [ToldWatermark] = []
        for place in self.index.order {
            let operation = self.index.operations[Int(place)]
            for case .poll(let polled) in operation.steps {
                guard let highWatermark = polled.highWatermark else { continue }
                self.checkBounds(polled, highWatermark, of: place)
                guard let server = polled.server, operation.outcome == .ok else { continue }
                told.append(
                    ToldWatermark(
                        key: polled.key, server: server, highWatermark: highWatermark, operation: place,
                        began: operation.began, ended: operation.ended))
            }
        }
        told.sort { ($0.key, $0.server, $0.began, $0.operation) < ($1.key, $1.server, $1.began, $1.operation) }
        var start = 0
        while start < told.count {
            var end = start
            while end < told.count, told[end].key == told[start].key, told[end].server == told[start].server {
                end += 1
            }
            self.checkRegression(told[start..<end])
            start = end
        }
    }

    private mutating func checkBounds(_ polled: PolledReads, _ highWatermark: Offset, of operation: Int32) {
        if let stable = polled.lastStableOffset, stable > highWatermark {
            self.findings.add(
                Anomaly(
                    kind: .unstableOffset, key: polled.key, offsets: [highWatermark, stable],
                    operations: [OperationID(operation)]))
        }
        if let read = polled.reads.first(where: { $0.offset >= highWatermark }) {
            self.findings.add(
                Anomaly(
                    kind: .readAboveHighWatermark, key: polled.key, offsets: [highWatermark, read.offset],
                    values: [read.value], operations: [OperationID(operation)]))
        }
    }

    /// - Parameter told: what one server told in one leader epoch, by beginning.
    private mutating func checkRegression(_ told: ArraySlice<ToldWatermark>) {
        let ends = told.sorted { ($0.ended, $0.operation) < ($1.ended, $1.operation) }
        var next = 0
        var highest: ToldWatermark?
        for later in told {
            while next < ends.count, ends[next].ended < later.began {
                if ends[next].highWatermark > highest?.highWatermark ?? .unknown { highest = ends[next] }
                next += 1
            }
            guard let highest, later.highWatermark < highest.highWatermark else { continue }
            self.findings.add(
                Anomaly(
                    kind: .highWatermarkRegression, key: later.key,
                    offsets: [highest.highWatermark, later.highWatermark],
                    operations: [OperationID(highest.operation), OperationID(later.operation)]))
        }
    }
}
