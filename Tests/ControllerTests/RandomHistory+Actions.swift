import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages

extension RandomHistory {
    /// Does one random thing and says what.
    mutating func act() throws -> String {
        switch self.draw(0..<100) {
        case 0..<8: return try self.restartSomeBroker()
        case 8..<33: return try self.sendHeartbeat()
        case 33..<43: return try self.passTime()
        case 43..<48: return self.changeConnection()
        case 48..<54: return try self.createTopic()
        case 54..<55: return try self.deleteTopic()
        case 55..<57: return try self.addPartitions()
        case 57..<77: return try self.alterISR()
        case 77..<81: return try self.electLeaders()
        case 81..<87: return try self.reassign()
        case 87..<90: return try self.alterConfig()
        case 90..<91: return try self.alterZones()
        case 91..<94: return try self.failDirectory()
        default: return try self.commitOrCrash()
        }
    }

    mutating func restart(_ broker: NodeID, isClean: Bool) throws {
        self.incarnations[broker, default: 0] += 1
        if !isClean { self.crashed.insert(broker) }
        // The session of the old process must be over before a new one is let in.
        self.test.controller.brokerConnectionLost(broker, now: self.test.now)
        self.test.now = self.test.now + .milliseconds(200)
        let previous: BrokerEpoch = isClean ? self.test.image.brokers[broker]?.epoch ?? -1 : -1
        try self.test.register(
            broker, incarnation: self.incarnations[broker, default: 0], rack: "r\(broker.rawValue % 3)",
            previousEpoch: previous)
    }

    private mutating func restartSomeBroker() throws -> String {
        let broker = self.drawBroker()
        let isClean = self.chance(50)
        try self.restart(broker, isClean: isClean)
        return "restart \(broker) clean \(isClean)"
    }

    private mutating func sendHeartbeat() throws -> String {
        let broker = self.drawBroker()
        let wantFence = self.chance(5)
        let wantShutDown = self.chance(10)
        try self.test.heartbeat(broker, wantFence: wantFence, wantShutDown: wantShutDown)
        return "heartbeat of \(broker) fence \(wantFence) shutdown \(wantShutDown)"
    }

    private mutating func passTime() throws -> String {
        let interval = Interval.milliseconds(Int64(self.draw(0..<4000)))
        self.test.now = self.test.now + interval
        let now = self.test.now
        guard self.test.controller.nextDeadline <= now else { return "time passes" }
        try self.test.run { $0.tick(now: now, appendOffset: $1.appendOffset) }
        return "tick"
    }

    private mutating func changeConnection() -> String {
        let broker = self.drawBroker()
        switch self.draw(0..<3) {
        case 0: self.test.controller.brokerConnectionLost(broker, now: self.test.now)
        case 1: self.test.controller.brokerConnectionRefused(broker, now: self.test.now)
        default: self.test.controller.brokerConnectionRestored(broker)
        }
        return "connection of \(broker)"
    }

    private mutating func createTopic() throws -> String {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = "t\(self.nextTopic)"
        self.nextTopic += 1
        topic.numPartitions = Int32(self.draw(1..<4))
        topic.replicationFactor = Int16(self.draw(1..<5))
        if self.chance(30) {
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = "min.insync.replicas"
            config.value = String(self.draw(1..<4))
            topic.configs = [config]
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        try self.test.run { $0.createTopics(request, context: $1) }
        return "create \(topic.name)"
    }

    private mutating func deleteTopic() throws -> String {
        guard let (topic, _, _) = self.drawPartition() else { return "nothing to delete" }
        var target = DeleteTopicsRequest.DeleteTopicState()
        target.topicId = topic.id
        var request = DeleteTopicsRequest()
        request.topics = [target]
        try self.test.run { $0.deleteTopics(request, context: $1) }
        return "delete \(topic.name)"
    }

    private mutating func addPartitions() throws -> String {
        guard let (topic, _, _) = self.drawPartition(), topic.partitions.count < 6 else { return "no topic to grow" }
        var addition = CreatePartitionsRequest.CreatePartitionsTopic()
        addition.name = topic.name
        addition.count = Int32(topic.partitions.count + self.draw(0..<3))
        addition.assignments = nil
        var request = CreatePartitionsRequest()
        request.topics = [addition]
        try self.test.run { $0.createPartitions(request, context: $1) }
        return "grow \(topic.name) to \(addition.count)"
    }

    private mutating func alterISR() throws -> String {
        guard let (topic, index, state) = self.drawPartition(), state.hasLeader else { return "no ISR to alter" }
        let others = state.replicas.filter { $0 != state.leader }.shuffled(using: &self.random)
        let isr = [state.leader] + others.prefix(self.draw(0..<others.count + 1))
        self.admitted = Set(isr)
        let isStale = self.chance(10)
        let recovering = state.leaderRecoveryState == .recovering && isr.count == 1 && self.chance(50)
        var request = try self.test.alterPartition(topic.id, index, isr: isr) { partition in
            if isStale { partition.partitionEpoch += -1 }
            partition.leaderRecoveryState = recovering ? 1 : 0
        }
        if self.chance(5) { request.brokerEpoch += -1 }
        let asked = request
        try self.test.run { $0.alterPartition(asked, context: $1) }
        return "alter ISR of \(topic.name)-\(index) to \(isr)"
    }

    private mutating func electLeaders() throws -> String {
        var request = ElectLeadersRequest()
        request.electionType = self.chance(70) ? 0 : 1
        request.topicPartitions = nil
        if self.chance(70), let (topic, index, _) = self.drawPartition() {
            var target = ElectLeadersRequest.TopicPartitions()
            target.topic = topic.name
            target.partitions = [index]
            request.topicPartitions = [target]
        }
        let asked = request
        try self.test.run { $0.electLeaders(asked, context: $1) }
        return "elect \(request.electionType)"
    }

    private mutating func reassign() throws -> String {
        guard let (topic, index, _) = self.drawPartition() else { return "nothing to reassign" }
        var partition = AlterPartitionReassignmentsRequest.ReassignablePartition()
        partition.partitionIndex = index
        partition.replicas = self.chance(75) ? self.drawReplicas() : nil
        var target = AlterPartitionReassignmentsRequest.ReassignableTopic()
        target.name = topic.name
        target.partitions = [partition]
        var request = AlterPartitionReassignmentsRequest()
        request.topics = [target]
        try self.test.run { $0.alterPartitionReassignments(request, context: $1) }
        return "reassign \(topic.name)-\(index) to \(partition.replicas.map { "\($0)" } ?? "what it was")"
    }

    private mutating func alterConfig() throws -> String {
        guard let (topic, _, _) = self.drawPartition() else { return "nothing to configure" }
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        if self.chance(60) {
            config.name = "min.insync.replicas"
            config.value = String(self.draw(1..<4))
        } else {
            config.name = "unclean.leader.election.enable"
            config.value = self.chance(40) ? "true" : "false"
        }
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        let isCluster = self.chance(30)
        resource.resourceType = isCluster ? 4 : 2
        resource.resourceName = isCluster ? "" : topic.name
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        try self.test.run { $0.incrementalAlterConfigs(request, context: $1) }
        return "set \(config.name)=\(config.value ?? "") of \(resource.resourceName)"
    }

    /// Drains or restores zones, or names those that should lead a topic.
    private mutating func alterZones() throws -> String {
        let zones = ["r0", "r1", "r2"].shuffled(using: &self.random).prefix(self.draw(0..<3)).joined(separator: ",")
        let value = zones.isEmpty ? nil : zones
        if self.chance(50), let (topic, _, _) = self.drawPartition() {
            try self.test.setTopic(topic.name, "apus.leader.zones", value)
            return "lead \(topic.name) in \(zones)"
        }
        try self.test.setDefault("apus.zones.drained", value)
        return "drain \(zones)"
    }

    private mutating func failDirectory() throws -> String {
        let broker = self.drawBroker()
        try self.test.heartbeat(broker) { $0.offlineLogDirs = [TestController.directory(of: broker)] }
        return "directory of \(broker) fails"
    }

    private mutating func commitOrCrash() throws -> String {
        let later = self.ends.filter { $0 >= self.committed }
        self.committed = later[self.draw(0..<later.count)]
        self.ends.removeAll { $0 < self.committed }
        try self.publish()
        guard self.chance(30) else { return "commit" }
        self.test.log.removeLast(self.test.log.count - self.committed)
        self.ends = [self.committed]
        let seed = self.random.next()
        self.test.controller = Controller(
            configuration: self.test.controller.configuration, rules: TestRules(), image: try self.test.replay(),
            random: SeededRandom(seed: seed), now: self.test.now)
        return "crash"
    }

    /// A broker reads what is committed; its delta must name everything that changed.
    private mutating func publish() throws {
        for offset in Int(self.follower.lastOffset.rawValue + 1)..<self.committed {
            try self.follower.apply(self.test.log[offset], at: Offset(Int64(offset)), epoch: self.test.epoch)
        }
        guard let publication = self.follower.publish() else { return }
        let needed = MetadataDelta(from: self.published, to: publication.image)
        guard publication.delta.covers(needed) else {
            throw Violation(description: "the delta \(publication.delta) lacks something of \(needed)")
        }
        self.published = publication.image
    }
}

extension MetadataDelta {
    /// True where everything in `other` is named here too, and creations and deletions are the same.
    fileprivate func covers(_ other: MetadataDelta) -> Bool {
        self.createdTopics == other.createdTopics && self.deletedTopics == other.deletedTopics
            && self.changedPartitions.isSuperset(of: other.changedPartitions)
            && self.changedConfigurations.isSuperset(of: other.changedConfigurations)
            && self.changedBrokers.isSuperset(of: other.changedBrokers)
            && self.changedFeatures.isSuperset(of: other.changedFeatures)
    }
}
