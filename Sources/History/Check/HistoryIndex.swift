import ApusCore

/// A history by partition: who wrote and who read what, and which operations must have happened.
///
/// Operations are named by their place in the history, partitions by their place in `keys`.
struct HistoryIndex {
    struct Send {
        var value: WrittenValue
        /// -1 where the cluster did not tell.
        var offset: Offset
        var operation: Int32
        var isReadOK = false
    }

    struct Read {
        var value: WrittenValue
        var offset: Offset
        var operation: Int32
    }

    /// What happened to one partition, in the order of the operations' beginnings.
    struct Partition {
        var key: TopicPartition
        var sends: [Send] = []
        var reads: [Read] = []
        /// The place in `sends` of the one that sent a value.
        var writers: [WrittenValue: Int32] = [:]
    }

    let operations: [ClientOperation]
    /// The places of the operations, by beginning.
    let order: [Int32]
    private(set) var partitions: [Partition] = []
    private var places: [TopicPartition: Int32] = [:]
    /// By operation: ok, or unknown with some value seen by an ok read.
    private(set) var isCommitted: [Bool]

    init(_ operations: [ClientOperation]) {
        self.operations = operations
        self.order = (0..<Int32(operations.count)).sorted { one, other in
            let (began, otherBegan) = (operations[Int(one)].began, operations[Int(other)].began)
            return began == otherBegan ? one < other : began < otherBegan
        }
        self.isCommitted = operations.map { $0.outcome == .ok }
        for operation in self.order {
            for step in operations[Int(operation)].steps { self.take(step, of: operation) }
        }
        self.connectReadsToWriters()
    }

    /// The place of a partition; nil where no step touched it.
    func place(of key: TopicPartition) -> Int? { self.places[key].map { Int($0) } }

    /// The operation that sent a value; nil where nobody did.
    func writer(of value: WrittenValue, at place: Int) -> Int32? {
        let partition = self.partitions[place]
        return partition.writers[value].map { partition.sends[Int($0)].operation }
    }

    private mutating func place(for key: TopicPartition) -> Int {
        if let known = self.places[key] { return Int(known) }
        self.places[key] = Int32(self.partitions.count)
        self.partitions.append(Partition(key: key))
        return self.partitions.count - 1
    }

    private mutating func take(_ step: ClientStep, of operation: Int32) {
        switch step {
        case .send(let sent):
            let place = self.place(for: sent.key)
            let index = Int32(self.partitions[place].sends.count)
            let previous = self.partitions[place].writers.updateValue(index, forKey: sent.value)
            precondition(previous == nil, "value \(sent.value) was sent to \(sent.key) twice")
            self.partitions[place].sends.append(
                Send(value: sent.value, offset: sent.offset ?? .unknown, operation: operation))
        case .poll(let polled):
            let place = self.place(for: polled.key)
            for read in polled.reads {
                self.partitions[place].reads.append(
                    Read(value: read.value, offset: read.offset, operation: operation))
            }
        }
    }

    private mutating func connectReadsToWriters() {
        for place in self.partitions.indices {
            for index in self.partitions[place].reads.indices {
                let read = self.partitions[place].reads[index]
                guard self.operations[Int(read.operation)].outcome == .ok,
                    let writer = self.partitions[place].writers[read.value]
                else { continue }
                self.partitions[place].sends[Int(writer)].isReadOK = true
                let operation = Int(self.partitions[place].sends[Int(writer)].operation)
                if self.operations[operation].outcome == .info { self.isCommitted[operation] = true }
            }
        }
    }
}
