import ApusCore
import ClusterMetadata
import KafkaStoredMessages

extension RecordDraft {
    /// Fences a broker: it leaves every ISR and leads nothing, then its registration says so.
    mutating func fence(_ broker: NodeID, policy: PartitionPolicy) {
        guard let registration = self.image.brokers[broker] else { return }
        let partitions = self.image.partitions { $0.isr.contains(broker) }
        self.updateLeadersAndISRs(of: partitions, leaving: broker, policy: policy)
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker
        record.brokerEpoch = registration.epoch
        record.fenced = 1
        self.append(.brokerRegistrationChange(record))
    }

    /// Unfences a broker and lets it lead what has no leader.
    mutating func unfence(_ broker: NodeID, policy: PartitionPolicy) {
        guard let registration = self.image.brokers[broker] else { return }
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker
        record.brokerEpoch = registration.epoch
        record.fenced = -1
        self.append(.brokerRegistrationChange(record))
        let partitions = self.image.partitions { !$0.hasLeader }
        self.updateLeadersAndISRs(of: partitions, joining: broker, policy: policy)
    }

    /// Begins the controlled shutdown of a broker: its leaderships move away.
    mutating func beginControlledShutdown(of broker: NodeID, policy: PartitionPolicy) {
        guard let registration = self.image.brokers[broker] else { return }
        if !registration.isInControlledShutdown {
            var record = BrokerRegistrationChangeRecord()
            record.brokerId = broker
            record.brokerEpoch = registration.epoch
            record.inControlledShutdown = 1
            self.append(.brokerRegistrationChange(record))
        }
        let partitions = self.image.partitions { $0.isr.contains(broker) }
        self.updateLeadersAndISRs(of: partitions, leaving: broker, policy: policy)
    }

    /// Cleans up after an earlier process of a broker, before the registration of a new one.
    ///
    /// Without a clean shutdown the broker may have lost what it had not flushed: it leaves the ELR as well (KIP-966).
    mutating func endIncarnation(of broker: NodeID, isCleanShutdown: Bool, policy: PartitionPolicy) {
        let inISR = self.image.partitions { $0.isr.contains(broker) }
        guard self.image.isELREnabled, !isCleanShutdown else {
            self.updateLeadersAndISRs(of: inISR, leaving: broker, policy: policy)
            return
        }
        let inELR = self.image.partitions { $0.eligibleLeaders.contains(broker) }
        self.updateLeadersAndISRs(of: inISR, crashed: broker, policy: policy)
        self.updateLeadersAndISRs(of: inELR, crashed: broker, policy: policy)
    }

    /// Records that log directories of a broker failed: their replicas leave every ISR and lead nothing.
    mutating func takeOffline(directories: [KafkaUUID], of broker: NodeID, policy: PartitionPolicy) {
        guard let registration = self.image.brokers[broker] else { return }
        let failed = registration.logDirectories.filter { directories.contains($0) }
        guard !failed.isEmpty else { return }
        let affected = self.image.partitions { partition in
            guard partition.isr.contains(broker), let directory = partition.directory(of: broker) else { return false }
            return failed.contains(directory)
        }
        self.updateLeadersAndISRs(of: affected, leaving: broker, policy: policy)
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker
        record.brokerEpoch = registration.epoch
        record.logDirs = registration.logDirectories.filter { !failed.contains($0) }
        // A broker whose last directory fails halts by itself; an empty list would say "no change".
        if !record.logDirs.isEmpty { self.append(.brokerRegistrationChange(record)) }
    }

    /// Records which log directories of a broker take no new replicas (KIP-1066).
    mutating func cordon(directories: [KafkaUUID]?, of broker: NodeID) {
        guard let directories, let registration = self.image.brokers[broker] else { return }
        let cordoned = directories.sorted()
        guard cordoned != registration.cordonedLogDirectories else { return }
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker
        record.brokerEpoch = registration.epoch
        record.cordonedLogDirs = cordoned
        self.append(.brokerRegistrationChange(record))
    }
}
