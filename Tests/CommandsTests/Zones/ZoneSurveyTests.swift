import ApusCore
import Commands
import KafkaClient
import Testing

@Suite("Survey of zones")
struct ZoneSurveyTests {
    private func cluster(_ racks: [String?], fenced: Set<NodeID> = []) -> DescribedCluster {
        DescribedCluster(
            clusterID: "c", controllerID: 0,
            brokers: racks.enumerated().map { index, rack in
                BrokerEndpoint(node: NodeID(Int32(index)), host: "h", port: 1, rack: rack)
            }, fenced: fenced)
    }

    private func topic(_ name: String, _ partitions: [(NodeID, [NodeID], [NodeID])]) -> TopicMetadata {
        TopicMetadata(
            name: name, id: .zero,
            partitions: partitions.map { leader, replicas, isr in
                PartitionMetadata(leader: leader, leaderEpoch: 1, replicas: replicas, isr: isr)
            })
    }

    @Test("Zones are told with their brokers, what they hold and what would be lost with them")
    func zones() {
        let survey = ZoneSurvey(
            self.cluster(["b", "a", "b", nil], fenced: [2]),
            topics: [
                self.topic("t", [(0, [0, 1, 2], [0, 1]), (1, [1, 0], [1, 0]), (-1, [2], [])]),
                self.topic("u", [(3, [3, 1], [3, 1])]),
            ], drained: [], minInsyncReplicas: ["t": 2])
        #expect(survey.zones.map(\.name) == ["a", "b", nil])
        #expect(survey.zones.map(\.brokers) == [[1], [0, 2], [3]])
        #expect(survey.zones.map(\.fenced) == [[], [2], []])
        #expect(survey.zones.map(\.leaders) == [1, 1, 1])
        #expect(survey.zones.map(\.replicas) == [3, 4, 1])
        #expect(survey.zones.map(\.endangered) == [2, 2, 0])
        #expect(survey.zones.map(\.state) == ["leads", "leads", "leads"])
        #expect(survey.text.contains("b       leads  0, 2 (down)        1         4        2\n"))
    }

    @Test("A drained zone drains while it leads, and names what nobody outside could lead")
    func draining() throws {
        let cluster = self.cluster(["a", "b", "c"])
        let topics = [
            self.topic("t", [(0, [0, 1], [0, 1]), (0, [0, 2], [0]), (1, [1, 0], [1, 0]), (0, [0, 2], [0, 2])])
        ]
        let survey = ZoneSurvey(cluster, topics: topics, drained: ["a", "c", "gone"])
        let zone = try #require(survey.zone("a"))
        #expect(zone.state == "draining")
        #expect(zone.misled == [0, 1, 3].map { TopicPartition(topic: "t", partition: $0) })
        // The other replica of the last partition is in a zone that is drained too.
        #expect(zone.stuck == [1, 3].map { TopicPartition(topic: "t", partition: $0) })
        #expect(survey.zone("b")?.state == "leads")
        #expect(survey.zone("b")?.misled == [])
        #expect(survey.zone("c")?.state == "drained")
        #expect(survey.zone("gone")?.brokers == [])
    }

    @Test("In a cluster without zones nothing is at risk with one")
    func withoutZones() {
        let survey = ZoneSurvey(self.cluster([nil, nil]), topics: [self.topic("t", [(0, [0, 1], [0])])], drained: [])
        #expect(survey.zones.map(\.name) == [nil])
        #expect(survey.zones.map(\.endangered) == [0])
    }
}
