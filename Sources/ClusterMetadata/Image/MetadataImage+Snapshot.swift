import ApusCore
package import KafkaStoredMessages

extension MetadataImage {
    /// The records that build this image again when applied to an empty one.
    ///
    /// The order is Kafka's: features (`metadata.version` first), brokers, controllers, topics with their partitions,
    /// configurations, quotas, the producer id, access control, credentials, tokens. Within each kind it is that of
    /// ids or names, so that two nodes write the same snapshot of the same image.
    package func snapshotRecords() -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        self.appendFeatures(to: &records)
        for id in self.brokerIDs {
            if let broker = self.brokers[id] { records.append(.registerBroker(broker.record)) }
        }
        for id in self.controllers.keys.sorted() {
            if let controller = self.controllers[id] { records.append(.registerController(controller.record)) }
        }
        for id in self.topics.sortedKeys() {
            if let topic = self.topics[id] { records.append(contentsOf: topic.records) }
        }
        self.appendConfigurations(to: &records)
        self.appendQuotas(to: &records)
        if let nextProducerID = self.nextProducerID {
            var record = ProducerIdsRecord()
            record.brokerId = .none
            record.brokerEpoch = .unknown
            record.nextProducerId = nextProducerID
            records.append(.producerIds(record))
        }
        self.appendSecurity(to: &records)
        return records
    }

    private func appendFeatures(to records: inout [MetadataRecord]) {
        let others = self.features.keys.filter { $0 != MetadataVersion.featureName }.sorted()
        for name in [MetadataVersion.featureName] + others {
            guard let level = self.features[name] else { continue }
            var record = FeatureLevelRecord()
            record.name = name
            record.featureLevel = level
            records.append(.featureLevel(record))
        }
    }

    private func appendConfigurations(to records: inout [MetadataRecord]) {
        for resource in self.configurations.sortedKeys() {
            let configuration = self.configuration(of: resource)
            for key in configuration.keys.sorted() {
                var record = ConfigRecord()
                record.resourceType = resource.kind.rawValue
                record.resourceName = resource.name
                record.name = key
                record.value = configuration[key]
                records.append(.config(record))
            }
        }
    }

    private func appendQuotas(to records: inout [MetadataRecord]) {
        for entity in self.clientQuotas.keys.sorted() {
            let quotas = self.clientQuotas[entity] ?? [:]
            for (key, value) in quotas.sorted(by: { $0.key < $1.key }) {
                var record = ClientQuotaRecord()
                record.entity = entity.parts.map { part in
                    var entityPart = ClientQuotaRecord.EntityData()
                    entityPart.entityType = part.type
                    entityPart.entityName = part.name
                    return entityPart
                }
                record.key = key
                record.value = value
                records.append(.clientQuota(record))
            }
        }
    }

    private func appendSecurity(to records: inout [MetadataRecord]) {
        for (id, entry) in self.accessControlEntries.sorted(by: { $0.key < $1.key }) {
            records.append(.accessControlEntry(entry.record(id: id)))
        }
        for (key, credential) in self.scramCredentials.sorted(by: { $0.key < $1.key }) {
            records.append(.userScramCredential(credential.record(key: key)))
        }
        for (id, token) in self.delegationTokens.sorted(by: { $0.key < $1.key }) {
            records.append(.delegationToken(token.record(id: id)))
        }
    }
}
