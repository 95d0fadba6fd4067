import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// BrokerRegistration, key 62, versions 0-4: a broker process makes itself known and is given an epoch.
    ///
    /// A new process of a known broker replaces the old one unless that still has a session; what the old one led or
    /// was in sync with is cleaned up first, and without a clean shutdown (`PreviousBrokerEpoch`, version 3) it leaves
    /// the ELR as well. The same process may register again and keeps its epoch and state.
    package mutating func registerBroker(
        _ request: BrokerRegistrationRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, BrokerRegistrationResponse> {
        var draft = self.draft(at: context.appendOffset)
        var response = BrokerRegistrationResponse()
        do throws(ControllerError) {
            response.brokerEpoch = try self.register(request, in: &draft, context: context)
        } catch {
            response.errorCode = error.code
            return CommandResult(records: [], response: response)
        }
        // What cleans up after the old process may stand alone, should it be too much for one batch.
        let isAtomic = draft.records.count <= RecordDraft.userRecordsMax
        return self.finish(draft, response, now: context.now, isAtomic: isAtomic)
    }

    private func register(
        _ request: BrokerRegistrationRequest, in draft: inout RecordDraft, context: ControllerContext
    ) throws(ControllerError) -> BrokerEpoch {
        let existing = self.image.brokers[request.brokerId]
        try self.checkRegistration(request, existing: existing, now: context.now)
        var registration = BrokerRegistration(
            id: request.brokerId, epoch: BrokerEpoch(context.appendOffset.rawValue),
            incarnationID: request.incarnationId,
            endpoints: request.listeners.map {
                Endpoint(name: $0.name, host: $0.host, port: $0.port, securityProtocol: $0.securityProtocol)
            },
            features: try self.registeredFeatures(request), rack: request.rack)
        if (self.image.metadataVersion ?? .oldest) >= .directoryAssignment {
            registration.logDirectories = request.logDirs.sorted()
        }
        if let existing, existing.incarnationID == request.incarnationId {
            registration.epoch = existing.epoch
            registration.isFenced = existing.isFenced
            registration.isInControlledShutdown = existing.isInControlledShutdown
        } else if let existing {
            // Requests before version 3 cannot say how the broker was shut down.
            let isCleanShutdown = context.apiVersion < 3 || request.previousBrokerEpoch == existing.epoch
            draft.endIncarnation(of: request.brokerId, isCleanShutdown: isCleanShutdown, policy: self.policy)
        }
        draft.append(.registerBroker(registration.record))
        return registration.epoch
    }

    private func checkRegistration(
        _ request: BrokerRegistrationRequest, existing: BrokerRegistration?, now: Instant
    ) throws(ControllerError) {
        guard request.clusterId == self.configuration.clusterID else {
            throw ControllerError(
                .inconsistentClusterID,
                "Expected cluster ID \(self.configuration.clusterID), but got cluster ID \(request.clusterId)")
        }
        if let existing, existing.incarnationID != request.incarnationId, !existing.isInControlledShutdown,
            self.sessions.hasValidSession(request.brokerId, epoch: existing.epoch, now: now)
        {
            throw ControllerError(
                .duplicateBrokerRegistration,
                "Another broker is registered with that broker id. If the broker was recently restarted this should "
                    + "self-resolve once the heartbeat manager expires the broker's session.")
        }
        guard !request.isMigratingZkBroker else {
            throw ControllerError(.brokerIDNotRegistered, "Controller does not support registering ZK brokers.")
        }
        if (self.image.metadataVersion ?? .oldest) >= .directoryAssignment {
            try self.checkLogDirectories(request)
        }
    }

    private func checkLogDirectories(_ request: BrokerRegistrationRequest) throws(ControllerError) {
        guard !request.logDirs.isEmpty else {
            throw ControllerError(.invalidRegistration, "No directories specified in request")
        }
        guard !request.logDirs.contains(where: DirectoryID.isReserved) else {
            throw ControllerError(.invalidRegistration, "Reserved directory ID in request")
        }
        guard Set(request.logDirs).count == request.logDirs.count else {
            throw ControllerError(.invalidRegistration, "Duplicate directory ID in request")
        }
        for broker in self.image.brokers.values.sorted(by: { $0.id < $1.id }) where broker.id != request.brokerId {
            guard let shared = request.logDirs.first(where: { broker.logDirectories.contains($0) }) else { continue }
            throw ControllerError(
                .invalidRegistration, "Broker \(broker.id) is already registered with directory \(shared)")
        }
    }

    /// The features of a broker, which must support every finalized level.
    private func registeredFeatures(
        _ request: BrokerRegistrationRequest
    ) throws(ControllerError) -> [String: FeatureRange] {
        var features: [String: FeatureRange] = [:]
        for feature in request.features {
            features[feature.name] = FeatureRange(min: feature.minSupportedVersion, max: feature.maxSupportedVersion)
        }
        guard features[MetadataVersion.featureName] != nil else {
            throw ControllerError(.invalidRegistration, "Request features do not contain 'metadata.version'")
        }
        for (name, level) in self.image.features.sorted(by: { $0.key < $1.key }) {
            let range = features[name] ?? FeatureRange(min: 0, max: 0)
            guard !range.contains(level) else { continue }
            throw ControllerError(
                .unsupportedVersion,
                "Unable to register because the broker does not support finalized version \(level) of \(name). "
                    + "The broker wants a version between \(range.min) and \(range.max), inclusive.")
        }
        return features
    }

    /// UnregisterBroker, key 64, version 0: forgets a broker for good.
    package mutating func unregisterBroker(
        _ request: UnregisterBrokerRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, UnregisterBrokerResponse> {
        var response = UnregisterBrokerResponse()
        response.errorMessage = nil
        guard let registration = self.image.brokers[request.brokerId] else {
            response.errorCode = .brokerIDNotRegistered
            response.errorMessage = "Broker ID \(request.brokerId) is not currently registered"
            return CommandResult(records: [], response: response)
        }
        var draft = self.draft(at: context.appendOffset)
        let partitions = self.image.partitions { $0.isr.contains(request.brokerId) }
        draft.updateLeadersAndISRs(of: partitions, leaving: request.brokerId, policy: self.policy)
        var record = UnregisterBrokerRecord()
        record.brokerId = request.brokerId
        record.brokerEpoch = registration.epoch
        draft.append(.unregisterBroker(record))
        return self.finish(draft, response, now: context.now, isAtomic: false)
    }

    /// ControllerRegistration, key 70, version 0: a controller makes itself known (KIP-919).
    package mutating func registerController(
        _ request: ControllerRegistrationRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, ControllerRegistrationResponse> {
        var response = ControllerRegistrationResponse()
        response.errorMessage = nil
        guard (self.image.metadataVersion ?? .oldest) >= .controllerRegistration else {
            response.errorCode = .unsupportedVersion
            response.errorMessage = "The current MetadataVersion is too old to support controller registrations."
            return CommandResult(records: [], response: response)
        }
        var features: [String: FeatureRange] = [:]
        for feature in request.features {
            features[feature.name] = FeatureRange(min: feature.minSupportedVersion, max: feature.maxSupportedVersion)
        }
        let registration = ControllerRegistration(
            id: request.controllerId, incarnationID: request.incarnationId,
            isZKMigrationReady: request.zkMigrationReady,
            endpoints: request.listeners.map {
                Endpoint(name: $0.name, host: $0.host, port: $0.port, securityProtocol: $0.securityProtocol)
            },
            features: features)
        var draft = self.draft(at: context.appendOffset)
        draft.append(.registerController(registration.record))
        return self.finish(draft, response, now: context.now)
    }
}
