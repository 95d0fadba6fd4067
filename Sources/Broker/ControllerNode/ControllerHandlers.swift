import ApusCore
import Controller
import KafkaPrimitives
import KafkaProtocol
import KafkaStoredMessages
import StateMachine

/// The controller's own APIs: each decodes its request, runs one command of the machine, and answers when the records
/// are committed.
///
/// BrokerRegistration (62) 0-4, BrokerHeartbeat (63) 0-2, AlterPartition (56) 2-3, AllocateProducerIds (67) 0,
/// ControllerRegistration (70) 0, AssignReplicasToDirs (73) 0, UnregisterBroker (64) 0, CreateTopics (19) 0-7,
/// DeleteTopics (20) 0-6, CreatePartitions (37) 0-3, AlterConfigs (33) 0-2, IncrementalAlterConfigs (44) 0-1,
/// ElectLeaders (43) 0-2, UpdateFeatures (57) 0-2. AlterPartition 0 and 1 name topics instead of ids; no broker of this
/// generation sends them.
package final class ControllerHandlers: @unchecked Sendable {
    // Unchecked: the controller's listener delivers every request on the quorum's loop, where the service lives; the
    // service asserts that.
    private let service: ControllerService

    package init(service: ControllerService) {
        self.service = service
    }

    /// What clients may also ask a broker for, which passes it on in an envelope.
    package var forwardable: [ServedAPI] {
        [
            ServedAPI(.createTopics, CreateTopicsRequest.validVersions) { try self.createTopics($0) },
            ServedAPI(.deleteTopics, DeleteTopicsRequest.validVersions) { try self.deleteTopics($0) },
            ServedAPI(.createPartitions, CreatePartitionsRequest.validVersions) { try self.createPartitions($0) },
            ServedAPI(.alterConfigs, AlterConfigsRequest.validVersions) { try self.alterConfigs($0) },
            ServedAPI(.incrementalAlterConfigs, IncrementalAlterConfigsRequest.validVersions) {
                try self.incrementalAlterConfigs($0)
            },
            ServedAPI(.electLeaders, ElectLeadersRequest.validVersions) { try self.electLeaders($0) },
            ServedAPI(.updateFeatures, UpdateFeaturesRequest.validVersions) { try self.updateFeatures($0) },
            ServedAPI(.unregisterBroker, UnregisterBrokerRequest.validVersions) { try self.unregisterBroker($0) },
        ]
    }

    /// What brokers and controllers ask.
    package var internalAPIs: [ServedAPI] {
        [
            ServedAPI(.brokerRegistration, BrokerRegistrationRequest.validVersions) { try self.register($0) },
            ServedAPI(.brokerHeartbeat, BrokerHeartbeatRequest.validVersions) { try self.heartbeat($0) },
            ServedAPI(.alterPartition, 2...3) { try self.alterPartition($0) },
            ServedAPI(.allocateProducerIds, AllocateProducerIdsRequest.validVersions) {
                try self.allocateProducerIDs($0)
            },
            ServedAPI(.controllerRegistration, ControllerRegistrationRequest.validVersions) {
                try self.registerController($0)
            },
            ServedAPI(.assignReplicasToDirs, AssignReplicasToDirsRequest.validVersions) {
                try self.assignReplicas($0)
            },
        ]
    }

    /// Runs one command for a request and sends what it answers.
    private func run<Message: KafkaRequest>(
        _ request: Request, _: Message.Type,
        command: (inout Controller, Message, ControllerContext) -> CommandResult<MetadataRecord, Message.Response>,
        refusal: @escaping (Message, ErrorCode) -> Message.Response
    ) throws where Message.Response: ErrorReporting {
        let message = try request.decode(Message.self)
        self.service.run(apiVersion: request.apiVersion) { controller, context in
            command(&controller, message, context)
        } reply: { response in
            request.respond(response)
        } refuse: { error in
            if let envelope = request.envelope {
                envelope.refuse(error)
            } else {
                request.respond(refusal(message, error))
            }
        }
    }

    // MARK: - Brokers

    private func register(_ request: Request) throws {
        // Not yet a sign of life: a new process that registers says nothing of the one before it, whose session it would
        // prolong. The first heartbeat is one.
        try self.run(request, BrokerRegistrationRequest.self) { controller, message, context in
            controller.registerBroker(message, context: context)
        } refusal: { _, error in
            var response = BrokerRegistrationResponse()
            response.errorCode = error
            return response
        }
    }

    private func heartbeat(_ request: Request) throws {
        let message = try request.decode(BrokerHeartbeatRequest.self)
        self.service.heard(message.brokerId, on: request.connection)
        try self.run(request, BrokerHeartbeatRequest.self) { controller, message, context in
            controller.brokerHeartbeat(message, context: context)
        } refusal: { _, error in
            var response = BrokerHeartbeatResponse()
            response.errorCode = error
            return response
        }
    }

    private func unregisterBroker(_ request: Request) throws {
        try self.run(request, UnregisterBrokerRequest.self) { controller, message, context in
            controller.unregisterBroker(message, context: context)
        } refusal: { _, error in
            var response = UnregisterBrokerResponse()
            response.errorCode = error
            return response
        }
    }

    private func registerController(_ request: Request) throws {
        try self.run(request, ControllerRegistrationRequest.self) { controller, message, context in
            controller.registerController(message, context: context)
        } refusal: { _, error in
            var response = ControllerRegistrationResponse()
            response.errorCode = error
            return response
        }
    }

    private func alterPartition(_ request: Request) throws {
        try self.run(request, AlterPartitionRequest.self) { controller, message, context in
            controller.alterPartition(message, context: context)
        } refusal: { _, error in
            var response = AlterPartitionResponse()
            response.errorCode = error
            return response
        }
    }

    private func allocateProducerIDs(_ request: Request) throws {
        try self.run(request, AllocateProducerIdsRequest.self) { controller, message, context in
            controller.allocateProducerIDs(message, context: context)
        } refusal: { _, error in
            var response = AllocateProducerIdsResponse()
            response.errorCode = error
            return response
        }
    }

    private func assignReplicas(_ request: Request) throws {
        try self.run(request, AssignReplicasToDirsRequest.self) { controller, message, context in
            controller.assignReplicasToDirectories(message, context: context)
        } refusal: { _, error in
            var response = AssignReplicasToDirsResponse()
            response.errorCode = error
            return response
        }
    }

    // MARK: - Topics

    private func createTopics(_ request: Request) throws {
        try self.run(request, CreateTopicsRequest.self) { controller, message, context in
            controller.createTopics(message, context: context)
        } refusal: { message, error in
            var response = CreateTopicsResponse()
            response.topics = message.topics.map { topic in
                var result = CreateTopicsResponse.CreatableTopicResult()
                result.name = topic.name
                result.errorCode = error
                return result
            }
            return response
        }
    }

    private func deleteTopics(_ request: Request) throws {
        try self.run(request, DeleteTopicsRequest.self) { controller, message, context in
            controller.deleteTopics(message, context: context)
        } refusal: { message, error in
            var response = DeleteTopicsResponse()
            let byName = message.topicNames.map { (name: Optional($0), id: TopicID.zero) }
            let byState = message.topics.map { (name: $0.name, id: $0.topicId) }
            response.responses = (byName + byState).map { topic in
                var result = DeleteTopicsResponse.DeletableTopicResult()
                result.name = topic.name
                result.topicId = topic.id
                result.errorCode = error
                return result
            }
            return response
        }
    }

    private func createPartitions(_ request: Request) throws {
        try self.run(request, CreatePartitionsRequest.self) { controller, message, context in
            controller.createPartitions(message, context: context)
        } refusal: { message, error in
            var response = CreatePartitionsResponse()
            response.results = message.topics.map { topic in
                var result = CreatePartitionsResponse.CreatePartitionsTopicResult()
                result.name = topic.name
                result.errorCode = error
                return result
            }
            return response
        }
    }

    private func alterConfigs(_ request: Request) throws {
        try self.run(request, AlterConfigsRequest.self) { controller, message, context in
            controller.alterConfigs(message, context: context)
        } refusal: { message, error in
            var response = AlterConfigsResponse()
            response.responses = message.resources.map { resource in
                var result = AlterConfigsResponse.AlterConfigsResourceResponse()
                result.resourceType = resource.resourceType
                result.resourceName = resource.resourceName
                result.errorCode = error
                return result
            }
            return response
        }
    }

    private func incrementalAlterConfigs(_ request: Request) throws {
        try self.run(request, IncrementalAlterConfigsRequest.self) { controller, message, context in
            controller.incrementalAlterConfigs(message, context: context)
        } refusal: { message, error in
            var response = IncrementalAlterConfigsResponse()
            response.responses = message.resources.map { resource in
                var result = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
                result.resourceType = resource.resourceType
                result.resourceName = resource.resourceName
                result.errorCode = error
                return result
            }
            return response
        }
    }

    private func electLeaders(_ request: Request) throws {
        try self.run(request, ElectLeadersRequest.self) { controller, message, context in
            controller.electLeaders(message, context: context)
        } refusal: { _, error in
            var response = ElectLeadersResponse()
            response.errorCode = error
            return response
        }
    }

    private func updateFeatures(_ request: Request) throws {
        try self.run(request, UpdateFeaturesRequest.self) { controller, message, context in
            controller.updateFeatures(message, context: context)
        } refusal: { _, error in
            var response = UpdateFeaturesResponse()
            response.errorCode = error
            return response
        }
    }
}
