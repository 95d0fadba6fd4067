package import ApusCore

/// Which of this broker's replicas the controller has yet to be told the log directory of.
///
/// One request is under way at most. A refusal of the whole, no answer, and a refusal that may pass are asked again; a
/// partition that the controller says is not ours is dropped, since metadata will say so too. At most one entry a
/// replica of this broker.
///
/// Source: KIP-858.
package struct DirectoryAssignments: Equatable, Sendable {
    package enum Effect: Equatable, Sendable {
        /// Ask the controller for these, ascending by partition.
        case send([Assignment])
        /// Call `timerFired` after this long; it replaces the timer set before.
        case setTimer(Interval)
    }

    package struct Assignment: Equatable, Sendable {
        package var partition: TopicIDPartition
        package var directory: KafkaUUID

        package init(_ partition: TopicIDPartition, _ directory: KafkaUUID) {
            self.partition = partition
            self.directory = directory
        }
    }

    /// Kafka's bound for one request.
    package static let requestMax = 2250
    private static let retryInterval = Interval.milliseconds(500)

    private var wanted: [TopicIDPartition: KafkaUUID] = [:]
    /// Not empty while a request is under way.
    private var underWay: [Assignment] = []
    private var isWaiting = false

    package init() {}

    package var isEmpty: Bool { self.wanted.isEmpty }

    /// These replicas are in other directories than the metadata says.
    package mutating func place(_ assignments: [Assignment]) -> [Effect] {
        for assignment in assignments { self.wanted[assignment.partition] = assignment.directory }
        return self.sendNext()
    }

    /// The replica is gone, or the metadata has its directory right.
    package mutating func settle(_ partition: TopicIDPartition) {
        self.wanted[partition] = nil
    }

    /// The answer to the request under way.
    ///
    /// - Parameter errors: by partition; nil where the whole was refused or not answered.
    package mutating func answered(_ errors: [TopicIDPartition: ErrorCode]?) -> [Effect] {
        let asked = self.underWay
        self.underWay = []
        guard let errors else { return self.wait() }
        var mustWait = false
        for assignment in asked where self.wanted[assignment.partition] == assignment.directory {
            switch errors[assignment.partition] {
            case .noError, .unknownTopicID, .unknownTopicOrPartition, .notLeaderOrFollower:
                self.wanted[assignment.partition] = nil
            default: mustWait = true
            }
        }
        return mustWait ? self.wait() : self.sendNext()
    }

    package mutating func timerFired() -> [Effect] {
        self.isWaiting = false
        return self.sendNext()
    }

    private mutating func wait() -> [Effect] {
        guard !self.wanted.isEmpty else { return [] }
        self.isWaiting = true
        return [.setTimer(Self.retryInterval)]
    }

    private mutating func sendNext() -> [Effect] {
        guard self.underWay.isEmpty, !self.isWaiting, !self.wanted.isEmpty else { return [] }
        self.underWay = self.wanted.sorted { $0.key < $1.key }.prefix(Self.requestMax).map { .init($0.key, $0.value) }
        return [.send(self.underWay)]
    }
}
