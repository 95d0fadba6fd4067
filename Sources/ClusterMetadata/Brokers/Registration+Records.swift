import ApusCore
package import KafkaStoredMessages

extension BrokerRegistration {
    /// The record that registers the broker in this state.
    package var record: RegisterBrokerRecord {
        var record = RegisterBrokerRecord()
        record.brokerId = self.id
        record.incarnationId = self.incarnationID
        record.brokerEpoch = self.epoch
        record.endPoints = self.endpoints.map { endpoint in
            var recorded = RegisterBrokerRecord.BrokerEndpoint()
            recorded.name = endpoint.name
            recorded.host = endpoint.host
            recorded.port = endpoint.port
            recorded.securityProtocol = endpoint.securityProtocol
            return recorded
        }
        record.features = self.features.sorted { $0.key < $1.key }.map { name, range in
            var recorded = RegisterBrokerRecord.BrokerFeature()
            recorded.name = name
            recorded.minSupportedVersion = range.min
            recorded.maxSupportedVersion = range.max
            return recorded
        }
        record.rack = self.rack
        record.fenced = self.isFenced
        record.inControlledShutdown = self.isInControlledShutdown
        record.logDirs = self.logDirectories
        record.cordonedLogDirs = self.cordonedLogDirectories
        return record
    }
}

extension ControllerRegistration {
    /// The record that registers the controller in this state.
    package var record: RegisterControllerRecord {
        var record = RegisterControllerRecord()
        record.controllerId = self.id
        record.incarnationId = self.incarnationID
        record.zkMigrationReady = self.isZKMigrationReady
        record.endPoints = self.endpoints.map { endpoint in
            var recorded = RegisterControllerRecord.ControllerEndpoint()
            recorded.name = endpoint.name
            recorded.host = endpoint.host
            recorded.port = endpoint.port
            recorded.securityProtocol = endpoint.securityProtocol
            return recorded
        }
        record.features = self.features.sorted { $0.key < $1.key }.map { name, range in
            var recorded = RegisterControllerRecord.ControllerFeature()
            recorded.name = name
            recorded.minSupportedVersion = range.min
            recorded.maxSupportedVersion = range.max
            return recorded
        }
        return record
    }
}
