import ApusCore
import ClusterMetadata
import KafkaProtocol

extension Controller {
    /// The partitions of a new topic: placed by the controller, or where the request says.
    ///
    /// - Parameter preference: which replicas of the new topic should lead.
    mutating func newPartitions(
        of topic: CreateTopicsRequest.CreatableTopic, preference: LeaderPreference, in image: MetadataImage
    ) throws(ControllerError) -> [PartitionState] {
        guard topic.assignments.isEmpty else {
            return try self.assignedPartitions(of: topic, preference: preference, in: image)
        }
        guard topic.replicationFactor == -1 || topic.replicationFactor > 0 else {
            throw ControllerError(
                .invalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value.")
        }
        guard topic.numPartitions == -1 || topic.numPartitions > 0 else {
            throw ControllerError(
                .invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        let count = topic.numPartitions == -1 ? self.configuration.defaultPartitionCount : topic.numPartitions
        let factor =
            topic.replicationFactor == -1 ? self.configuration.defaultReplicationFactor : topic.replicationFactor
        return try self.placedPartitions(
            count: Int(count), replicationFactor: Int(factor), preference: preference, in: image)
    }

    /// Places partitions over the brokers that may take replicas.
    ///
    /// The first replica is in the best of the topic's zones that can lead. Drained zones take replicas, first ones too,
    /// as if they were not drained: they are to lead again when they are restored.
    ///
    /// - Parameter present: the partitions that the topic has already; what they use counts.
    mutating func placedPartitions(
        count: Int, replicationFactor: Int, preference: LeaderPreference, present: [PartitionState] = [],
        in image: MetadataImage
    ) throws(ControllerError) -> [PartitionState] {
        let candidates = image.brokers.values
            .filter { !$0.isInControlledShutdown && !$0.isCordoned }
            .map { ReplicaPlacer.Candidate(id: $0.id, rack: $0.rack, isFenced: $0.isFenced) }
        var placer = ReplicaPlacer(candidates: candidates, random: SeededRandom(seed: self.random.next()))
        placer.leaderZones = preference.zones
        for partition in present { placer.count(present: partition.replicas) }
        let placements: [[NodeID]]
        do throws(ReplicaPlacer.Failure) {
            placements = try placer.place(partitions: count, replicationFactor: replicationFactor)
        } catch {
            throw ControllerError(
                .invalidReplicationFactor,
                "Unable to replicate the partition \(replicationFactor) time(s): \(error.message)")
        }
        // The placer gives each partition an unfenced leader, and none in controlled shutdown is a candidate.
        return placements.map { Self.newPartition(replicas: $0, preference: preference, in: image) }
    }

    private func assignedPartitions(
        of topic: CreateTopicsRequest.CreatableTopic, preference: LeaderPreference, in image: MetadataImage
    ) throws(ControllerError) -> [PartitionState] {
        guard topic.replicationFactor == -1 else {
            throw ControllerError(
                .invalidRequest,
                "A manual partition assignment was specified, but replication factor was not set to -1.")
        }
        guard topic.numPartitions == -1 else {
            throw ControllerError(
                .invalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.")
        }
        var states: [PartitionIndex: PartitionState] = [:]
        var replicationFactor: Int?
        for assignment in topic.assignments {
            guard states[assignment.partitionIndex] == nil else {
                throw ControllerError(
                    .invalidReplicaAssignment,
                    "Found multiple manual partition assignments for partition \(assignment.partitionIndex)")
            }
            try Self.checkAssignment(assignment.brokerIds, replicationFactor: replicationFactor, in: image)
            replicationFactor = assignment.brokerIds.count
            let state = Self.newPartition(replicas: assignment.brokerIds, preference: preference, in: image)
            guard state.hasLeader else { throw Self.allFenced(assignment.partitionIndex.rawValue) }
            states[assignment.partitionIndex] = state
        }
        let indexes = (0..<Int32(states.count)).map { PartitionIndex($0) }
        let ordered = indexes.compactMap { states[$0] }
        guard ordered.count == states.count else {
            throw ControllerError(
                .invalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence")
        }
        return ordered
    }

    static func allFenced(_ partition: Int32) -> ControllerError {
        ControllerError(
            .invalidReplicaAssignment,
            "All brokers specified in the manual partition assignment for partition \(partition) are fenced or in "
                + "controlled shutdown.")
    }

    /// Checks replicas that somebody chose by hand.
    ///
    /// - Parameter replicationFactor: how many there must be; nil where any number will do.
    static func checkAssignment(
        _ replicas: [NodeID], replicationFactor: Int?, in image: MetadataImage
    ) throws(ControllerError) {
        guard !replicas.isEmpty else {
            throw ControllerError(
                .invalidReplicaAssignment, "The manual partition assignment includes an empty replica list.")
        }
        let sorted = replicas.sorted()
        for (index, replica) in sorted.enumerated() {
            guard image.brokers[replica] != nil else {
                throw ControllerError(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes broker \(replica), but no such broker is registered.")
            }
            guard index == 0 || sorted[index - 1] != replica else {
                throw ControllerError(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes the broker \(replica) more than once.")
            }
        }
        if let replicationFactor, replicationFactor != replicas.count {
            throw ControllerError(
                .invalidReplicaAssignment,
                "The manual partition assignment includes a partition with \(replicas.count) replica(s), but this is "
                    + "not consistent with previous partitions, which have \(replicationFactor) replica(s).")
        }
    }

    /// A new partition: the active replicas are in sync, the first of them in the order of preference leads.
    static func newPartition(
        replicas: [NodeID], preference: LeaderPreference, in image: MetadataImage
    ) -> PartitionState {
        let isr = replicas.filter { image.isActive($0) }
        return PartitionState(
            replicas: replicas,
            directories: replicas.map { image.brokers[$0]?.defaultDirectory ?? DirectoryID.unassigned },
            isr: isr, leader: preference.preferredLeader(of: isr, brokers: image.brokers))
    }
}
