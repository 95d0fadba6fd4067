import ApusCore
import KafkaStoredMessages

extension MetadataImage {
    mutating func apply(_ record: ConfigRecord) {
        let resource = ConfigResource(kind: .init(rawValue: record.resourceType), name: record.resourceName)
        var configuration = self.configurations[resource] ?? [:]
        configuration[record.name] = record.value
        self.configurations[resource] = configuration.isEmpty ? nil : configuration
    }

    mutating func apply(_ record: FeatureLevelRecord) throws(MetadataError) {
        if record.name == MetadataVersion.featureName {
            let level = MetadataVersion(rawValue: record.featureLevel)
            guard level >= .oldest, level <= .newest else {
                throw MetadataError(
                    .unsupportedFeatureLevel,
                    "metadata.version \(record.featureLevel) is not one of "
                        + "\(MetadataVersion.oldest.rawValue) to \(MetadataVersion.newest.rawValue)")
            }
        }
        self.features[record.name] = record.featureLevel == 0 ? nil : record.featureLevel
    }
}
