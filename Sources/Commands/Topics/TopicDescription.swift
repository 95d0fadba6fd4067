import ApusCore
import ClusterMetadata
import CommandLineArguments
import KafkaClient

/// `apus topics describe`: a topic with its own settings and its partitions, as a table or as JSON.
struct TopicDescription: Sendable {
    var topic: TopicMetadata
    /// The partitions to show.
    var shown: [Int]
    var settings: [DescribedSetting]
    /// Begin and end by partition, where they were asked for.
    var offsets: [Int: (earliest: Offset, latest: Offset)]
    /// The zones of brokers; nil in a cluster without zones that could be lost one by one.
    var zones: [NodeID: String]?

    /// The zones whose loss would take a partition below the topic's `min.insync.replicas`; brokers without a zone are
    /// told as `(none)`.
    func endangeringZones(_ index: Int) -> [String] {
        guard let zones = self.zones else { return [] }
        let partition = self.topic.partitions[index]
        let minimum = self.settings.first { $0.name == "min.insync.replicas" }?.value.flatMap { Int($0) } ?? 1
        return ZoneRisk.zones(
            isr: partition.isr, minInsyncReplicas: min(minimum, partition.replicas.count), zone: { zones[$0] }
        ).map { $0 ?? "(none)" }
    }

    static func run(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let names = parsed.values("--topic")
        let withOffsets = parsed.has("--offsets")
        let onlyUnder = parsed.has("--under-replicated-partitions")
        let onlyUnavailable = parsed.has("--unavailable-partitions")
        let onlyAtRisk = parsed.has("--at-zone-risk")
        let isFiltered = onlyUnder || onlyUnavailable || onlyAtRisk
        let found = try ClientSession.administer(parsed) { admin in
            var found: [TopicDescription] = []
            let zones = try await self.zones(admin)
            for topic in try await admin.topics(names.isEmpty ? nil : names) {
                var description = TopicDescription(
                    topic: topic, shown: [], settings: try await admin.settings(of: topic.name), offsets: [:],
                    zones: zones)
                description.shown = topic.partitions.indices.filter { index in
                    let partition = topic.partitions[index]
                    return !(onlyUnder && partition.isr.count == partition.replicas.count)
                        && !(onlyUnavailable && partition.leader >= 0)
                        && !(onlyAtRisk && description.endangeringZones(index).isEmpty)
                }
                if isFiltered && description.shown.isEmpty { continue }
                if withOffsets { description.offsets = try await self.offsets(of: topic, description.shown, admin) }
                found.append(description)
            }
            return found
        }
        if parsed.has("--json") {
            terminal.line(JSONValue.array(found.map(\.json)).indentedText)
        } else {
            terminal.write(found.map(\.text).joined(separator: "\n"))
        }
        for name in names where !found.contains(where: { $0.topic.name == name }) && !isFiltered {
            terminal.complain("there is no topic '\(name)'")
            return 1
        }
        return 0
    }

    /// The zones of brokers, where there are at least two.
    private static func zones(_ admin: Admin) async throws(ClientError) -> [NodeID: String]? {
        let brokers = try await admin.describeCluster(includesFenced: true).brokers
        guard ZoneRisk.isMeaningful(brokers.map(\.rack)) else { return nil }
        var zones: [NodeID: String] = [:]
        for broker in brokers { zones[broker.node] = broker.rack }
        return zones
    }

    private static func offsets(
        of topic: TopicMetadata, _ partitions: [Int], _ admin: Admin
    ) async throws -> [Int: (earliest: Offset, latest: Offset)] {
        var earliest: [TopicPartition: StartPosition] = [:]
        for index in partitions {
            earliest[TopicPartition(topic: topic.name, partition: PartitionIndex(Int32(index)))] = .earliest
        }
        let begins = try await admin.listOffsets(earliest)
        let ends = try await admin.listOffsets(earliest.mapValues { _ in .latest })
        var offsets: [Int: (earliest: Offset, latest: Offset)] = [:]
        for (partition, begin) in begins {
            offsets[Int(partition.partition.rawValue)] = (begin.offset, ends[partition]?.offset ?? .unknown)
        }
        return offsets
    }

    var text: String {
        let own = self.settings.filter(\.isOwn).map { "\($0.name)=\($0.value ?? "(hidden)")" }
        let replicas = self.topic.partitions.map(\.replicas.count).max() ?? 0
        var text = "Topic \(self.topic.name)  id \(self.topic.id)  partitions \(self.topic.partitions.count)"
        text += "  replicas \(replicas)"
        text += own.isEmpty ? "\n" : "  \(own.joined(separator: " "))\n"
        var columns = [
            TextTable.Column("Partition", .right), TextTable.Column("Leader", .right),
            TextTable.Column("Epoch", .right),
            TextTable.Column("Replicas"), TextTable.Column("In sync"),
        ]
        if self.zones != nil { columns.append(TextTable.Column("At risk with")) }
        if !self.offsets.isEmpty { columns += [TextTable.Column("Begin", .right), TextTable.Column("End", .right)] }
        var table = TextTable(columns)
        for index in self.shown {
            let partition = self.topic.partitions[index]
            var cells = [
                "\(index)", partition.leader >= 0 ? "\(partition.leader)" : "none", "\(partition.leaderEpoch)",
                partition.replicas.map(\.description).joined(separator: ","),
                partition.isr.map(\.description).joined(separator: ","),
            ]
            if self.zones != nil { cells.append(self.endangeringZones(index).joined(separator: ",")) }
            if !self.offsets.isEmpty {
                cells += [self.offsets[index]?.earliest, self.offsets[index]?.latest].map { $0?.description ?? "" }
            }
            table.add(cells)
        }
        return text + table.text
    }

    var json: JSONValue {
        let partitions = self.shown.map { index -> JSONValue in
            let partition = self.topic.partitions[index]
            var members: [JSONValue.Member] = [
                .init(name: "partition", value: .integer(Int64(index))),
                .init(name: "leader", value: .integer(Int64(partition.leader.rawValue))),
                .init(name: "leaderEpoch", value: .integer(Int64(partition.leaderEpoch.rawValue))),
                .init(name: "replicas", value: .array(partition.replicas.map { .integer(Int64($0.rawValue)) })),
                .init(name: "isr", value: .array(partition.isr.map { .integer(Int64($0.rawValue)) })),
            ]
            if self.zones != nil {
                let zones = self.endangeringZones(index).map { JSONValue.string($0) }
                members.append(.init(name: "atRiskWithZones", value: .array(zones)))
            }
            if let offsets = self.offsets[index] {
                members.append(.init(name: "earliest", value: .integer(offsets.earliest.rawValue)))
                members.append(.init(name: "latest", value: .integer(offsets.latest.rawValue)))
            }
            return .object(members)
        }
        return .object([
            "name": .string(self.topic.name), "id": .string(self.topic.id.description),
            "internal": .boolean(self.topic.isInternal),
            "configs": .object(
                self.settings.filter(\.isOwn).map {
                    .init(name: $0.name, value: $0.value.map { .string($0) } ?? .null)
                }),
            "partitions": .array(partitions),
        ])
    }
}
