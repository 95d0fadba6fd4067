import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// BrokerHeartbeat, key 63, versions 0-2: a broker says that it lives and what it wants.
    ///
    /// | From | To | Cause |
    /// |---|---|---|
    /// | fenced | unfenced | it does not want the fence and has read its own registration |
    /// | fenced | may stop | it wants to shut down |
    /// | unfenced | fenced | it wants the fence |
    /// | unfenced | in controlled shutdown | it wants to shut down and leads something |
    /// | unfenced | may stop (fenced) | it wants to shut down and leads nothing |
    /// | in controlled shutdown | may stop (fenced) | it leads nothing, and the others have read where leaders went |
    ///
    /// Version 1 adds failed log directories, version 2 cordoned ones.
    package mutating func brokerHeartbeat(
        _ request: BrokerHeartbeatRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, BrokerHeartbeatResponse> {
        var response = BrokerHeartbeatResponse()
        let registration: BrokerRegistration
        do throws(ControllerError) {
            registration = try self.checkBrokerEpoch(request.brokerId, request.brokerEpoch)
        } catch {
            response.errorCode = error.code
            return CommandResult(records: [], response: response)
        }
        let broker = request.brokerId
        let registrationOffset = self.sessions[broker]?.registrationOffset ?? Offset(registration.epoch.rawValue)
        response.isCaughtUp = request.currentMetadataOffset >= registrationOffset
        let state = BrokerState(registration)
        // A process that began its shutdown does not come back; only a new registration ends that state.
        let mayUnfence = response.isCaughtUp && !registration.isInControlledShutdown
        let next = self.nextState(after: state, request, mayUnfence: mayUnfence)
        var draft = self.draft(at: context.appendOffset)
        if next != state { self.move(broker, to: next, in: &draft) }
        self.sessions.heartbeat(from: broker, metadataOffset: request.currentMetadataOffset, now: context.now)
        draft.takeOffline(directories: request.offlineLogDirs, of: broker, policy: self.policy)
        if (self.image.metadataVersion ?? .oldest) >= .cordonedLogDirectories {
            draft.cordon(directories: request.cordonedLogDirs, of: broker)
        }
        response.isFenced = next == .fenced || next == .shutdownGranted
        response.shouldShutDown = next == .shutdownGranted
        return self.finish(draft, response, now: context.now, isAtomic: false)
    }

    private enum BrokerState: Equatable {
        case fenced
        case unfenced
        case inControlledShutdown
        case shutdownGranted

        init(_ registration: BrokerRegistration) {
            if registration.isFenced {
                self = .fenced
            } else {
                self = registration.isInControlledShutdown ? .inControlledShutdown : .unfenced
            }
        }
    }

    private func nextState(
        after state: BrokerState, _ request: BrokerHeartbeatRequest, mayUnfence: Bool
    ) -> BrokerState {
        switch state {
        case .fenced:
            if request.wantShutDown { return .shutdownGranted }
            return !request.wantFence && mayUnfence ? .unfenced : .fenced
        case .unfenced:
            if request.wantFence { return request.wantShutDown ? .shutdownGranted : .fenced }
            guard request.wantShutDown else { return .unfenced }
            return self.image.hasLeaderships(request.brokerId) ? .inControlledShutdown : .shutdownGranted
        case .inControlledShutdown:
            if self.image.hasLeaderships(request.brokerId) { return .inControlledShutdown }
            let shutdownOffset = self.sessions[request.brokerId]?.shutdownOffset ?? .unknown
            return shutdownOffset <= self.lowestActiveOffset ? .shutdownGranted : .inControlledShutdown
        case .shutdownGranted:
            return .shutdownGranted
        }
    }

    /// How far every broker that may lead has read the metadata log.
    private var lowestActiveOffset: Offset {
        self.image.brokers.values
            .filter(\.isActive)
            .map { self.sessions[$0.id]?.metadataOffset ?? .unknown }
            .min() ?? Offset(rawValue: .max)
    }

    private mutating func move(_ broker: NodeID, to state: BrokerState, in draft: inout RecordDraft) {
        switch state {
        case .fenced: draft.fence(broker, policy: self.policy)
        case .shutdownGranted:
            if self.image.brokers[broker]?.isFenced == false { draft.fence(broker, policy: self.policy) }
        case .unfenced: draft.unfence(broker, policy: self.policy)
        case .inControlledShutdown:
            draft.beginControlledShutdown(of: broker, policy: self.policy)
            self.sessions.beganShutdown(of: broker, endOffset: draft.nextOffset - 1)
        }
    }
}
