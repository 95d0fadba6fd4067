import ApusCore
import KafkaPrimitives
import KafkaStoredMessages

extension AccessControlEntry {
    func record(id: KafkaUUID) -> AccessControlEntryRecord {
        var record = AccessControlEntryRecord()
        record.id = id
        record.resourceType = self.resourceType
        record.resourceName = self.resourceName
        record.patternType = self.patternType
        record.principal = self.principal
        record.host = self.host
        record.operation = self.operation
        record.permissionType = self.permissionType
        return record
    }
}

extension ScramCredential {
    func record(key: Key) -> UserScramCredentialRecord {
        var record = UserScramCredentialRecord()
        record.name = key.user
        record.mechanism = key.mechanism
        record.salt = ByteSlice(self.salt)
        record.storedKey = ByteSlice(self.storedKey)
        record.serverKey = ByteSlice(self.serverKey)
        record.iterations = self.iterations
        return record
    }
}

extension DelegationToken {
    func record(id: String) -> DelegationTokenRecord {
        var record = DelegationTokenRecord()
        record.owner = self.owner
        record.requester = self.requester
        record.renewers = self.renewers
        record.issueTimestamp = self.issueTimestamp
        record.maxTimestamp = self.maxTimestamp
        record.expirationTimestamp = self.expirationTimestamp
        record.tokenId = id
        return record
    }
}
