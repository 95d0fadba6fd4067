import ApusCore
import KafkaProtocol

/// A response that tells which errors it carries, so that they can be counted.
protocol ErrorReporting {
    /// Calls `report` with the code of the whole and of every part, `noError` included.
    func reportErrors(_ report: (ErrorCode) -> Void)
}

/// A response with one code for the whole, which parts, if there are any, only repeat or refine.
protocol SingleErrorReporting: ErrorReporting {
    var errorCode: ErrorCode { get }
}

extension SingleErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { report(self.errorCode) }
}

extension ApiVersionsResponse: SingleErrorReporting {}
extension InitProducerIdResponse: SingleErrorReporting {}
extension DescribeClusterResponse: SingleErrorReporting {}
extension BrokerRegistrationResponse: SingleErrorReporting {}
extension BrokerHeartbeatResponse: SingleErrorReporting {}
extension ControllerRegistrationResponse: SingleErrorReporting {}
extension UnregisterBrokerResponse: SingleErrorReporting {}
extension AllocateProducerIdsResponse: SingleErrorReporting {}
extension EnvelopeResponse: SingleErrorReporting {}

extension UpdateFeaturesResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for result in self.results { report(result.errorCode) }
    }
}

extension AssignReplicasToDirsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for directory in self.directories {
            for topic in directory.topics { for partition in topic.partitions { report(partition.errorCode) } }
        }
    }
}

extension AlterConfigsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for result in self.responses { report(result.errorCode) } }
}

extension ProduceResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        for topic in self.responses { for partition in topic.partitionResponses { report(partition.errorCode) } }
    }
}

extension FetchResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.responses { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension ListOffsetsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension OffsetForLeaderEpochResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension MetadataResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics {
            report(topic.errorCode)
            for partition in topic.partitions { report(partition.errorCode) }
        }
    }
}

extension DescribeTopicPartitionsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        for topic in self.topics {
            report(topic.errorCode)
            for partition in topic.partitions { report(partition.errorCode) }
        }
    }
}

extension DescribeConfigsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for result in self.results { report(result.errorCode) } }
}

extension IncrementalAlterConfigsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for result in self.responses { report(result.errorCode) } }
}

extension CreateTopicsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for topic in self.topics { report(topic.errorCode) } }
}

extension DeleteTopicsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for topic in self.responses { report(topic.errorCode) } }
}

extension CreatePartitionsResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) { for topic in self.results { report(topic.errorCode) } }
}

extension ElectLeadersResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.replicaElectionResults {
            for partition in topic.partitionResult { report(partition.errorCode) }
        }
    }
}

extension AlterPartitionResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension DescribeQuorumResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension VoteResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension BeginQuorumEpochResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension EndQuorumEpochResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}

extension FetchSnapshotResponse: ErrorReporting {
    func reportErrors(_ report: (ErrorCode) -> Void) {
        report(self.errorCode)
        for topic in self.topics { for partition in topic.partitions { report(partition.errorCode) } }
    }
}
