import ApusCore
import History

/// Writes hand-made histories: an operation takes a unit of time, unless it says when it was.
struct HistoryBuilder {
    private(set) var history = ClientHistory()
    private var now: Int64 = 0

    static let key = TopicPartition(topic: "log", partition: 0)
    static let other = TopicPartition(topic: "log", partition: 1)

    mutating func add(
        _ process: ProcessID, _ action: ClientAction, _ outcome: OperationOutcome = .ok,
        from began: Int64? = nil, to ended: Int64? = nil
    ) {
        self.now += 10
        self.history.append(
            ClientOperation(
                process: process, began: Instant(nanoseconds: began ?? self.now),
                ended: Instant(nanoseconds: ended ?? self.now + 5), outcome: outcome, action: action))
    }

    /// One value to one partition.
    mutating func send(
        _ value: WrittenValue, at offset: Offset? = nil, _ outcome: OperationOutcome = .ok, by process: ProcessID = 0,
        to key: TopicPartition = Self.key, from began: Int64? = nil, until ended: Int64? = nil
    ) {
        let sent = SentValue(key: key, value: value, offset: offset)
        self.add(process, .steps([.send(sent)]), outcome, from: began, to: ended)
    }

    /// One poll of one partition: pairs of offset and value.
    mutating func poll(
        _ reads: [(Offset, WrittenValue)], _ outcome: OperationOutcome = .ok, by process: ProcessID = 100,
        of key: TopicPartition = Self.key, highWatermark: Offset? = nil, lastStableOffset: Offset? = nil,
        server: PolledReads.Server? = nil, from began: Int64? = nil, until ended: Int64? = nil
    ) {
        let polled = PolledReads(
            key: key, reads: reads.map { PolledReads.Read(offset: $0.0, value: $0.1) }, highWatermark: highWatermark,
            lastStableOffset: lastStableOffset, server: server)
        self.add(process, .steps([.poll(polled)]), outcome, from: began, to: ended)
    }

    /// A transaction: sends without offsets, and polls.
    mutating func transaction(
        by process: ProcessID, sends: [(TopicPartition, WrittenValue, Offset)] = [],
        polls: [(TopicPartition, Offset, WrittenValue)] = [], _ outcome: OperationOutcome = .ok,
        from began: Int64? = nil, until ended: Int64? = nil
    ) {
        let steps =
            polls.map { ClientStep.poll(PolledReads(key: $0.0, reads: [.init(offset: $0.1, value: $0.2)])) }
            + sends.map { ClientStep.send(SentValue(key: $0.0, value: $0.1, offset: $0.2)) }
        self.add(process, .steps(steps), outcome, from: began, to: ended)
    }

    mutating func noteUncleanElection() { self.history.noteUncleanElection(of: Self.key) }

    /// All that is found, allowed or not.
    func found(_ options: CheckOptions = CheckOptions()) -> [Anomaly] {
        var strict = options
        strict.allowed = []
        return self.history.check(strict).anomalies
    }

    /// The classes that are found, allowed or not, in order.
    func classes(_ options: CheckOptions = CheckOptions()) -> [AnomalyClass] {
        var classes: [AnomalyClass] = []
        for anomaly in self.found(options) where classes.last != anomaly.kind { classes.append(anomaly.kind) }
        return classes
    }
}

/// The history that the body writes.
func history(_ body: (inout HistoryBuilder) -> Void) -> HistoryBuilder {
    var builder = HistoryBuilder()
    body(&builder)
    return builder
}
