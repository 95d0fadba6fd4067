import ApusCore
import KafkaPrimitives
import KafkaStoredMessages

extension MetadataImage {
    mutating func apply(_ record: ClientQuotaRecord) {
        let entity = ClientQuotaEntity(record.entity.map { .init(type: $0.entityType, name: $0.entityName) })
        var quotas = self.clientQuotas[entity] ?? [:]
        quotas[record.key] = record.remove ? nil : record.value
        self.clientQuotas[entity] = quotas.isEmpty ? nil : quotas
    }

    mutating func apply(_ record: UserScramCredentialRecord) {
        self.scramCredentials[.init(user: record.name, mechanism: record.mechanism)] = ScramCredential(
            salt: record.salt.array, storedKey: record.storedKey.array, serverKey: record.serverKey.array,
            iterations: record.iterations)
    }

    mutating func apply(_ record: RemoveUserScramCredentialRecord) throws(MetadataError) {
        let key = ScramCredential.Key(user: record.name, mechanism: record.mechanism)
        guard self.scramCredentials.removeValue(forKey: key) != nil else {
            throw MetadataError(.unknownCredential, "user \(record.name) has no credential of that mechanism")
        }
    }

    mutating func apply(_ record: AccessControlEntryRecord) {
        self.accessControlEntries[record.id] = AccessControlEntry(
            resourceType: record.resourceType, resourceName: record.resourceName, patternType: record.patternType,
            principal: record.principal, host: record.host, operation: record.operation,
            permissionType: record.permissionType)
    }

    mutating func apply(_ record: RemoveAccessControlEntryRecord) throws(MetadataError) {
        guard self.accessControlEntries.removeValue(forKey: record.id) != nil else {
            throw MetadataError(.unknownAccessControlEntry, "there is no access control entry \(record.id)")
        }
    }

    mutating func apply(_ record: DelegationTokenRecord) {
        self.delegationTokens[record.tokenId] = DelegationToken(
            owner: record.owner, requester: record.requester, renewers: record.renewers,
            issueTimestamp: record.issueTimestamp, maxTimestamp: record.maxTimestamp,
            expirationTimestamp: record.expirationTimestamp)
    }
}
