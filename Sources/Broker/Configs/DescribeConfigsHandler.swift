import ApusCore
import ClusterMetadata
import Configuration
import Controller
import KafkaProtocol

/// DescribeConfigs, key 32, versions 0-4: what configures topics and nodes, and where each value comes from. Brokers and
/// controllers answer alike, of themselves.
///
/// 0: only whether a value is the default. 1: source and synonyms. 3: type and documentation.
struct DescribeConfigsHandler: Sendable {
    let configuration: BrokerConfiguration
    let metadata: PublishedMetadata

    typealias Result = DescribeConfigsResponse.DescribeConfigsResult

    func handle(_ request: Request) throws {
        let message = try request.decode(DescribeConfigsRequest.self)
        let image = self.metadata.current.image
        var response = DescribeConfigsResponse()
        response.results = message.resources.map { resource in
            var result = Result()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            let names = resource.configurationKeys.map { Set($0) }
            switch self.describe(resource, names: names, image) {
            case .failure(let refusal):
                result.errorCode = refusal.code
                result.errorMessage = refusal.message
            case .success(let configs):
                result.errorMessage = ""
                result.configs = configs.map {
                    Self.entry(
                        $0, includesSynonyms: message.includeSynonyms,
                        includesDocumentation: message.includeDocumentation)
                }
            }
            return result
        }
        request.respond(response)
    }

    private struct Refusal: Error {
        let code: ErrorCode
        let message: String
    }

    private func describe(
        _ resource: DescribeConfigsRequest.DescribeConfigsResource, names: Set<String>?, _ image: MetadataImage
    ) -> Swift.Result<[DescribedConfig], Refusal> {
        let kind = ConfigResource.Kind(rawValue: resource.resourceType)
        switch kind {
        case .topic:
            guard image.topic(named: resource.resourceName) != nil else {
                let isValid = TopicName.isValid(resource.resourceName)
                return .failure(
                    Refusal(
                        code: isValid ? .unknownTopicOrPartition : .invalidTopicException,
                        message: isValid ? "" : "Topic name is invalid: '\(resource.resourceName)'"))
            }
            let overrides = image.configuration(of: .topic(resource.resourceName))
            return .success(self.resolver(image).topic(overrides: overrides, names: names))
        case .broker:
            if resource.resourceName.isEmpty { return .success(self.resolver(image).brokerDefaults(names: names)) }
            guard resource.resourceName == self.configuration.nodeID.description else {
                return .failure(
                    Refusal(
                        code: .invalidRequest,
                        message: "Unexpected broker id, expected \(self.configuration.nodeID) or empty string, but "
                            + "received \(resource.resourceName)"))
            }
            return .success(self.resolver(image).broker(names: names))
        case .brokerLogger, .clientMetrics, .group:
            return .failure(Refusal(code: .unsupportedVersion, message: "this resource is not served yet"))
        default:
            return .failure(
                Refusal(code: .invalidRequest, message: "Unsupported resource type: \(resource.resourceType)"))
        }
    }

    private func resolver(_ image: MetadataImage) -> ConfigResolver {
        var layers = self.configuration.layers
        layers.dynamicDefault = image.configuration(of: .defaultBroker)
        layers.dynamicBroker = image.configuration(of: .broker(self.configuration.nodeID))
        return ConfigResolver(layers: layers)
    }

    private static func entry(
        _ config: DescribedConfig, includesSynonyms: Bool, includesDocumentation: Bool
    ) -> DescribeConfigsResponse.DescribeConfigsResourceResult {
        var entry = DescribeConfigsResponse.DescribeConfigsResourceResult()
        entry.name = config.name
        entry.value = config.value
        entry.readOnly = config.isReadOnly
        entry.configSource = config.source.rawValue
        entry.isDefault = config.source == .defaultValue
        entry.isSensitive = config.isSensitive
        entry.configType = config.type.rawValue
        if includesDocumentation { entry.documentation = config.documentation }
        guard includesSynonyms else { return entry }
        entry.synonyms = config.synonyms.map { synonym in
            var answer = DescribeConfigsResponse.DescribeConfigsSynonym()
            answer.name = synonym.name
            answer.value = synonym.value
            answer.source = synonym.source.rawValue
            return answer
        }
        return entry
    }
}
