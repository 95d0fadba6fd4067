package import ApusCore
package import ClusterMetadata
import KafkaProtocol

/// ApiVersions, key 18, versions 0-5: what this listener serves, from the very table that routes requests.
///
/// 1: throttle time. 3: client software name and version, checked; features. 5: the cluster and node the client
/// believes to talk to (KIP-1242). A version above the newest is answered in version 0 with UNSUPPORTED_VERSION
/// (KIP-511). Features whose lowest level is 0 are hidden below version 4, since older clients choke on them.
package struct ApiVersionsHandler: Sendable {
    let metadata: PublishedMetadata
    let supportedFeatures: [String: FeatureRange]
    let clusterID: String
    let nodeID: NodeID

    static let versions: ClosedRange<Int16> = 0...5

    package init(
        metadata: PublishedMetadata, supportedFeatures: [String: FeatureRange], clusterID: String, nodeID: NodeID
    ) {
        self.metadata = metadata
        self.supportedFeatures = supportedFeatures
        self.clusterID = clusterID
        self.nodeID = nodeID
    }

    func handle(_ request: Request, table: ServedAPITable) throws {
        guard Self.versions.contains(request.apiVersion) else {
            var response = ApiVersionsResponse()
            response.errorCode = .unsupportedVersion
            response.apiKeys = [Self.entry(.apiVersions, Self.versions)]
            request.respond { response.encode(into: &$0, version: 0) }
            return
        }
        let message = try request.decode(ApiVersionsRequest.self)
        var response = ApiVersionsResponse()
        if request.apiVersion >= 3,
            !Self.isSoftwareName(message.clientSoftwareName) || !Self.isSoftwareName(message.clientSoftwareVersion)
        {
            response.errorCode = .invalidRequest
            request.respond(response)
            return
        }
        if let cluster = message.clusterId, cluster != self.clusterID {
            response.errorCode = .rebootstrapRequired
        } else if message.nodeId != .none, message.nodeId != self.nodeID {
            response.errorCode = .rebootstrapRequired
        }
        response.apiKeys = table.apis.map { Self.entry($0.key, $0.versions) }
        self.addFeatures(to: &response, version: request.apiVersion)
        request.respond(response)
    }

    private func addFeatures(to response: inout ApiVersionsResponse, version: Int16) {
        for (name, range) in self.supportedFeatures.sorted(by: { $0.key < $1.key }) where range.min > 0 || version >= 4
        {
            var feature = ApiVersionsResponse.SupportedFeatureKey()
            feature.name = name
            feature.minVersion = range.min
            feature.maxVersion = range.max
            response.supportedFeatures.append(feature)
        }
        let snapshot = self.metadata.current
        response.finalizedFeaturesEpoch = max(-1, snapshot.endOffset.rawValue - 1)
        for (name, level) in snapshot.image.features.sorted(by: { $0.key < $1.key }) where level > 0 {
            var feature = ApiVersionsResponse.FinalizedFeatureKey()
            feature.name = name
            feature.minVersionLevel = level
            feature.maxVersionLevel = level
            response.finalizedFeatures.append(feature)
        }
    }

    private static func entry(_ key: APIKey, _ versions: ClosedRange<Int16>) -> ApiVersionsResponse.ApiVersion {
        var entry = ApiVersionsResponse.ApiVersion()
        entry.apiKey = key.rawValue
        entry.minVersion = versions.lowerBound
        entry.maxVersion = versions.upperBound
        return entry
    }

    /// Letters and digits, with dots and dashes between them: KIP-511's pattern.
    static func isSoftwareName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return false }
        return Self.isAlphanumeric(first) && Self.isAlphanumeric(last)
            && bytes.allSatisfy { Self.isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
