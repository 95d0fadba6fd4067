package import ApusCore
package import KafkaStoredMessages

extension MetadataImage {
    /// Takes one record of the metadata log into the image.
    ///
    /// - Parameters:
    ///   - record: the record; those that only frame a transaction change nothing here (see `MetadataReplay`).
    ///   - offset: its offset.
    ///   - epoch: the leader epoch of its batch.
    /// - Throws: where the record cannot follow this image; the image is then unchanged.
    package mutating func apply(
        _ record: MetadataRecord, at offset: Offset, epoch: LeaderEpoch
    ) throws(MetadataError) {
        switch record {
        case .registerBroker(let record): self.apply(record)
        case .unregisterBroker(let record): try self.apply(record)
        case .brokerRegistrationChange(let record): try self.apply(record)
        case .fenceBroker(let record):
            try self.changeBroker(record.id, epoch: record.epoch) { $0.isFenced = true }
        case .unfenceBroker(let record):
            try self.changeBroker(record.id, epoch: record.epoch) { $0.isFenced = false }
        case .registerController(let record): self.apply(record)
        case .unregisterController(let record): self.controllers[record.controllerId] = nil
        case .topic(let record): try self.apply(record)
        case .partition(let record): try self.apply(record)
        case .partitionChange(let record): try self.apply(record)
        case .removeTopic(let record): try self.apply(record)
        case .clearElr(let record): try self.apply(record)
        case .config(let record): self.apply(record)
        case .featureLevel(let record): try self.apply(record)
        case .producerIds(let record): self.nextProducerID = record.nextProducerId
        case .clientQuota(let record): self.apply(record)
        case .userScramCredential(let record): self.apply(record)
        case .removeUserScramCredential(let record): try self.apply(record)
        case .accessControlEntry(let record): self.apply(record)
        case .removeAccessControlEntry(let record): try self.apply(record)
        case .delegationToken(let record): self.apply(record)
        case .removeDelegationToken(let record): self.delegationTokens[record.tokenId] = nil
        case .noOp, .zkMigrationState, .beginTransaction, .endTransaction, .abortTransaction: break
        }
        self.lastOffset = offset
        self.lastEpoch = epoch
    }
}
