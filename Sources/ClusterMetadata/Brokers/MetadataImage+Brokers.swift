import ApusCore
import KafkaStoredMessages

extension MetadataImage {
    mutating func apply(_ record: RegisterBrokerRecord) {
        let features = record.features.map {
            ($0.name, FeatureRange(min: $0.minSupportedVersion, max: $0.maxSupportedVersion))
        }
        self.brokers[record.brokerId] = BrokerRegistration(
            id: record.brokerId, epoch: record.brokerEpoch, incarnationID: record.incarnationId,
            endpoints: record.endPoints
                .map { Endpoint(name: $0.name, host: $0.host, port: $0.port, securityProtocol: $0.securityProtocol) }
                .sorted { $0.name < $1.name },
            features: Dictionary(features, uniquingKeysWith: { _, last in last }), rack: record.rack,
            isFenced: record.fenced, isInControlledShutdown: record.inControlledShutdown,
            logDirectories: record.logDirs, cordonedLogDirectories: record.cordonedLogDirs)
    }

    mutating func apply(_ record: UnregisterBrokerRecord) throws(MetadataError) {
        try self.checkBroker(record.brokerId, epoch: record.brokerEpoch)
        self.brokers[record.brokerId] = nil
    }

    mutating func apply(_ record: BrokerRegistrationChangeRecord) throws(MetadataError) {
        guard (-1...1).contains(record.fenced), (0...1).contains(record.inControlledShutdown) else {
            throw MetadataError(
                .invalidBrokerChange,
                "change of broker \(record.brokerId) has fenced \(record.fenced) and in controlled shutdown "
                    + "\(record.inControlledShutdown)")
        }
        try self.changeBroker(record.brokerId, epoch: record.brokerEpoch) { broker in
            if record.fenced != 0 { broker.isFenced = record.fenced == 1 }
            if record.inControlledShutdown == 1 { broker.isInControlledShutdown = true }
            if !record.logDirs.isEmpty { broker.logDirectories = record.logDirs }
            if let cordoned = record.cordonedLogDirs { broker.cordonedLogDirectories = cordoned }
        }
    }

    mutating func apply(_ record: RegisterControllerRecord) {
        let features = record.features.map {
            ($0.name, FeatureRange(min: $0.minSupportedVersion, max: $0.maxSupportedVersion))
        }
        self.controllers[record.controllerId] = ControllerRegistration(
            id: record.controllerId, incarnationID: record.incarnationId, isZKMigrationReady: record.zkMigrationReady,
            endpoints: record.endPoints
                .map { Endpoint(name: $0.name, host: $0.host, port: $0.port, securityProtocol: $0.securityProtocol) }
                .sorted { $0.name < $1.name },
            features: Dictionary(features, uniquingKeysWith: { _, last in last }))
    }

    mutating func changeBroker(
        _ id: NodeID, epoch: BrokerEpoch, _ change: (inout BrokerRegistration) -> Void
    ) throws(MetadataError) {
        var broker = try self.checkBroker(id, epoch: epoch)
        change(&broker)
        self.brokers[id] = broker
    }

    @discardableResult
    private func checkBroker(_ id: NodeID, epoch: BrokerEpoch) throws(MetadataError) -> BrokerRegistration {
        guard let broker = self.brokers[id] else {
            throw MetadataError(.unknownBroker, "broker \(id) is not registered")
        }
        guard broker.epoch == epoch else {
            throw MetadataError(
                .brokerEpochMismatch, "broker \(id) has epoch \(broker.epoch), but the record names \(epoch)")
        }
        return broker
    }
}
