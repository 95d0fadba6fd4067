public import KafkaPrimitives

extension MetadataRecord {
    /// The version of the record's message that a controller writes while `level` is the finalized level of the feature
    /// `metadata.version`, from 7 (3.3-IV3) up. A level above those known counts as the newest known one.
    ///
    /// At level 30 (4.3-IV0): RegisterBrokerRecord 4, PartitionRecord 2, PartitionChangeRecord 2, everything else 0,
    /// except that a change of a broker's registration has the lowest version that carries what changed.
    ///
    /// Source: `MetadataVersion` and the controller of Kafka 4.3.
    public func version(atMetadataVersion level: Int16) -> Int16 {
        switch self {
        case .registerBroker:
            if level >= 30 { return 4 }  // cordoned log directories
            if level >= 17 { return 3 }  // log directories
            return level >= 8 ? 2 : 1
        case .partition, .partitionChange:
            if level >= 23 { return 2 }  // eligible leader replicas
            return level >= 17 ? 1 : 0  // directories
        case .brokerRegistrationChange(let record):
            if record.cordonedLogDirs != nil { return 3 }
            if !record.logDirs.isEmpty { return 2 }
            return record.inControlledShutdown != 0 ? 1 : 0
        default:
            return 0
        }
    }

    /// Writes the record with its frame, at the version that `level` of the feature `metadata.version` calls for.
    public func encode(into writer: inout ByteWriter, metadataVersion level: Int16) {
        self.encode(into: &writer, version: self.version(atMetadataVersion: level))
    }
}
