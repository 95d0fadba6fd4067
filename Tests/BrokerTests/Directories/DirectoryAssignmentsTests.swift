import ApusCore
import Broker
import Testing

@Suite("Telling the controller where replicas are")
struct DirectoryAssignmentsTests {
    private typealias Assignment = DirectoryAssignments.Assignment

    private let directory = KafkaUUID(high: 1, low: 1)
    private let other = KafkaUUID(high: 1, low: 2)

    private func partition(_ index: Int32) -> TopicIDPartition {
        TopicIDPartition(topicID: TopicID(KafkaUUID(high: 7, low: 7)), partition: PartitionIndex(index))
    }

    private func assignment(_ index: Int32) -> Assignment { Assignment(self.partition(index), self.directory) }

    @Test("What comes while a request is under way goes into the next one")
    func batches() {
        var assignments = DirectoryAssignments()
        #expect(
            assignments.place([self.assignment(1), self.assignment(0)])
                == [.send([self.assignment(0), self.assignment(1)])])
        #expect(assignments.place([self.assignment(2)]) == [])
        #expect(
            assignments.answered([self.partition(0): .noError, self.partition(1): .noError])
                == [.send([self.assignment(2)])])
        #expect(assignments.answered([self.partition(2): .noError]) == [])
        #expect(assignments.isEmpty)
    }

    @Test("No answer, a refusal of all and a refusal that may pass are asked again after a while")
    func retries() {
        var assignments = DirectoryAssignments()
        _ = assignments.place([self.assignment(0), self.assignment(1)])
        #expect(assignments.answered(nil) == [.setTimer(.milliseconds(500))])
        #expect(assignments.place([self.assignment(2)]) == [])
        #expect(
            assignments.timerFired() == [.send([self.assignment(0), self.assignment(1), self.assignment(2)])])
        #expect(
            assignments.answered([
                self.partition(0): .noError, self.partition(1): .unknownServerError, self.partition(2): .noError,
            ]) == [.setTimer(.milliseconds(500))])
        #expect(assignments.timerFired() == [.send([self.assignment(1)])])
    }

    @Test("A partition that is not ours any more is dropped, and one that has moved meanwhile is told again")
    func movedOrGone() {
        var assignments = DirectoryAssignments()
        _ = assignments.place([self.assignment(0), self.assignment(1), self.assignment(2)])
        let moved = Assignment(self.partition(1), self.other)
        #expect(assignments.place([moved]) == [])
        assignments.settle(self.partition(2))
        #expect(
            assignments.answered([
                self.partition(0): .unknownTopicID, self.partition(1): .noError, self.partition(2): .unknownServerError,
            ]) == [.send([moved])])
        #expect(assignments.answered([self.partition(1): .notLeaderOrFollower]) == [])
        #expect(assignments.isEmpty)
    }

    @Test("A request holds no more than Kafka's bound")
    func bound() {
        var assignments = DirectoryAssignments()
        let many = (0..<2300).map { self.assignment(Int32($0)) }
        #expect(assignments.place(many) == [.send(Array(many.prefix(2250)))])
        let answers = Dictionary(uniqueKeysWithValues: many.prefix(2250).map { ($0.partition, ErrorCode.noError) })
        #expect(assignments.answered(answers) == [.send(Array(many.suffix(50)))])
    }
}
