import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// UpdateFeatures, key 57, versions 0-2: raises or lowers finalized features, all of a request or none.
    ///
    /// Version 0 knows "allow downgrade", version 1 the type of an upgrade and "validate only"; version 2 answers with
    /// one error for all. `kraft.version` is the quorum's and cannot be changed here while its voters are static.
    package mutating func updateFeatures(
        _ request: UpdateFeaturesRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, UpdateFeaturesResponse> {
        var draft = self.draft(at: context.appendOffset)
        var failure: (feature: String, error: ControllerError)?
        for update in request.featureUpdates.sorted(by: { $0.feature < $1.feature }) {
            do throws(ControllerError) {
                try self.update(update, version: context.apiVersion, in: &draft)
            } catch {
                failure = (update.feature, error)
                break
            }
        }
        var response = UpdateFeaturesResponse()
        response.errorMessage = nil
        if let failure {
            response.errorCode = failure.error.code
            response.errorMessage =
                "The update failed for all features since the following feature had an error: "
                + "\(failure.error.message ?? failure.feature)"
            return CommandResult(records: [], response: response)
        }
        if context.apiVersion < 2 {
            response.results = request.featureUpdates.map { update in
                var result = UpdateFeaturesResponse.UpdatableFeatureResult()
                result.feature = update.feature
                result.errorMessage = nil
                return result
            }
        }
        if request.validateOnly { return CommandResult(records: [], response: response) }
        return self.finish(draft, response, now: context.now)
    }

    private enum UpgradeType: Int8 {
        case upgrade = 1
        case safeDowngrade = 2
        case unsafeDowngrade = 3
    }

    private func update(
        _ update: UpdateFeaturesRequest.FeatureUpdateKey, version: Int16, in draft: inout RecordDraft
    ) throws(ControllerError) {
        let name = update.feature
        let level = update.maxVersionLevel
        func refuse(_ reason: String) -> ControllerError {
            ControllerError(.invalidUpdateVersion, "Invalid update version \(level) for feature \(name). \(reason)")
        }
        let number = version == 0 ? (update.allowDowngrade ? 2 : 1) : update.upgradeType
        guard let type = UpgradeType(rawValue: number) else {
            throw refuse("The controller does not support the given upgrade type.")
        }
        guard level >= 0 else { throw refuse("A feature version cannot be less than 0.") }
        if let reason = self.reasonNotSupported(name, level: level) { throw refuse(reason) }
        let current = draft.image.features[name] ?? 0
        if level < current, type == .upgrade {
            throw refuse(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                    + "unsafe downgrade.")
        }
        if level > current, type != .upgrade { throw refuse("Can't downgrade to a newer version.") }
        if name == FeatureName.kraft, level != current {
            throw refuse("The quorum's voters are static, so its version cannot change.")
        }
        if name == MetadataVersion.featureName, level < current,
            (level + 1...current).contains(where: { Self.levelsWithNewRecords.contains($0) })
        {
            throw refuse(
                type == .unsafeDowngrade
                    ? "Unsafe metadata downgrade is not supported in this version."
                    : "Refusing to perform the requested downgrade because it might delete metadata information.")
        }
        if name == FeatureName.eligibleLeaderReplicas, level > 0 {
            let needed = MetadataVersion.eligibleLeaderReplicas
            guard (draft.image.metadataVersion ?? .oldest) >= needed else {
                throw refuse(
                    "\(name) could not be set to \(level) because it depends on \(MetadataVersion.featureName) level "
                        + "\(needed.rawValue)")
            }
            self.appendELRSafety(to: &draft)
        }
        guard level != current else { return }
        var record = FeatureLevelRecord()
        record.name = name
        record.featureLevel = level
        draft.append(.featureLevel(record))
    }

    /// The levels of `metadata.version` that brought new records or fields: below them those cannot be read.
    private static let levelsWithNewRecords: Set<Int16> = [7, 8, 11, 13, 14, 15, 17, 23, 30]

    /// Who does not support a level; nil where every broker and controller does.
    private func reasonNotSupported(_ name: String, level: Int16) -> String? {
        func reason(_ who: String, _ features: [String: FeatureRange]) -> String? {
            let range = features[name] ?? FeatureRange(min: 0, max: 0)
            if range.contains(level) { return nil }
            if range.max == 0 { return "\(who) does not support this feature." }
            return "\(who) only supports versions \(range.min)-\(range.max)"
        }
        if let reason = reason("Local controller \(self.configuration.nodeID)", self.configuration.supportedFeatures) {
            return reason
        }
        for broker in self.image.brokers.values.sorted(by: { $0.id < $1.id }) {
            if let reason = reason("Broker \(broker.id)", broker.features) { return reason }
        }
        for controller in self.image.controllers.values.sorted(by: { $0.id < $1.id })
        where controller.id != self.configuration.nodeID {
            if let reason = reason("Controller \(controller.id)", controller.features) { return reason }
        }
        return nil
    }

    /// Makes `min.insync.replicas` the cluster's before eligible leader replicas rely on it (KIP-966).
    private func appendELRSafety(to draft: inout RecordDraft) {
        guard !draft.image.isELREnabled else { return }
        let key = PartitionPolicy.minInsyncReplicasKey
        if draft.image.configuration(of: .defaultBroker)[key] == nil {
            draft.append(.config(Self.clusterMinInsyncReplicas(self.configuration.minInsyncReplicas)))
        }
        for broker in draft.image.brokerIDs where draft.image.configuration(of: .broker(broker))[key] != nil {
            var record = ConfigRecord()
            record.resourceType = ConfigResource.Kind.broker.rawValue
            record.resourceName = ConfigResource.broker(broker).name
            record.name = key
            record.value = nil
            draft.append(.config(record))
        }
    }
}
