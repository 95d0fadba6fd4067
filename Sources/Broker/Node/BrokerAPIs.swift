import Configuration
import KafkaProtocol

/// What a broker serves to clients and to other brokers. The coverage table in `docs/protocol.md` follows from it.
enum BrokerAPIs {
    static func table(_ services: BrokerServices) -> ServedAPITable {
        let interBroker = services.configuration.listeners.interBrokerName ?? ""
        let produce = ProduceHandler(services: services)
        let fetch = FetchHandler(services: services, interBrokerListener: interBroker)
        let listOffsets = ListOffsetsHandler(services: services)
        let metadata = MetadataHandler(broker: services)
        let forwarded = ForwardedHandler(services: services)
        return ServedAPITable([
            ServedAPI(.produce, ProduceHandler.versions) { try produce.handle($0) },
            ServedAPI(.fetch, FetchHandler.versions) { try fetch.handle($0) },
            ServedAPI(.listOffsets, ListOffsetsHandler.versions) { try listOffsets.handle($0) },
            ServedAPI(.metadata, MetadataRequest.validVersions) { try metadata.handle($0) },
            // Answered by the dispatcher from this very table.
            ServedAPI(.apiVersions, ApiVersionsHandler.versions) { _ in },
            ServedAPI(.createTopics, CreateTopicsRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.deleteTopics, DeleteTopicsRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.initProducerId, InitProducerIdHandler.versions) {
                try InitProducerIdHandler(services: services).handle($0)
            },
            ServedAPI(.offsetForLeaderEpoch, OffsetForLeaderEpochRequest.validVersions) {
                try OffsetForLeaderEpochHandler(services: services).handle($0)
            },
            ServedAPI(.describeConfigs, DescribeConfigsRequest.validVersions) {
                try DescribeConfigsHandler(configuration: services.configuration, metadata: services.metadata)
                    .handle($0)
            },
            ServedAPI(.createPartitions, CreatePartitionsRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.electLeaders, ElectLeadersRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.incrementalAlterConfigs, IncrementalAlterConfigsRequest.validVersions) {
                try forwarded.handle($0)
            },
            ServedAPI(.alterConfigs, AlterConfigsRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.updateFeatures, UpdateFeaturesRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.unregisterBroker, UnregisterBrokerRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.describeQuorum, DescribeQuorumRequest.validVersions) { try forwarded.handle($0) },
            ServedAPI(.describeCluster, DescribeClusterRequest.validVersions) {
                try DescribeClusterHandler(broker: services).handle($0)
            },
            ServedAPI(.describeTopicPartitions, DescribeTopicPartitionsRequest.validVersions) {
                try DescribeTopicPartitionsHandler(broker: services).handle($0)
            },
        ])
    }
}
