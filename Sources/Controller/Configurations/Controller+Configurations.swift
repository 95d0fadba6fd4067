import ApusCore
import ClusterMetadata
package import KafkaProtocol
package import KafkaStoredMessages
package import StateMachine

extension Controller {
    /// IncrementalAlterConfigs, key 44, versions 0-1: sets, deletes, appends to and subtracts from single keys.
    ///
    /// Each resource succeeds or fails alone; the records of all that succeed are written together.
    package mutating func incrementalAlterConfigs(
        _ request: IncrementalAlterConfigsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, IncrementalAlterConfigsResponse> {
        var response = IncrementalAlterConfigsResponse()
        var draft = self.draft(at: context.appendOffset)
        var seen: Set<ConfigResource> = []
        for target in request.resources {
            let resource = ConfigResource(kind: .init(rawValue: target.resourceType), name: target.resourceName)
            var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = target.resourceType
            answer.resourceName = target.resourceName
            answer.errorMessage = nil
            do throws(ControllerError) {
                guard seen.insert(resource).inserted else { throw Self.duplicateResource }
                let current = draft.image.configuration(of: resource)
                let changes = try self.changes(target.configs, of: resource, current: current)
                try self.write(changes, to: resource, current: current, in: &draft)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.responses.append(answer)
        }
        if request.validateOnly { return CommandResult(records: [], response: response) }
        Self.appendClearedELRs(to: &draft)
        return self.finish(draft, response, now: context.now)
    }

    /// AlterConfigs, key 33, versions 0-2: replaces the whole configuration of resources.
    package mutating func alterConfigs(
        _ request: AlterConfigsRequest, context: ControllerContext
    ) -> CommandResult<MetadataRecord, AlterConfigsResponse> {
        var response = AlterConfigsResponse()
        var draft = self.draft(at: context.appendOffset)
        var seen: Set<ConfigResource> = []
        for target in request.resources {
            let resource = ConfigResource(kind: .init(rawValue: target.resourceType), name: target.resourceName)
            var answer = AlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = target.resourceType
            answer.resourceName = target.resourceName
            answer.errorMessage = nil
            do throws(ControllerError) {
                guard seen.insert(resource).inserted else { throw Self.duplicateResource }
                let current = draft.image.configuration(of: resource)
                var changes = target.configs.map { ConfigurationChange(key: $0.name, value: $0.value) }
                let kept = Set(target.configs.map(\.name))
                changes += current.keys.sorted().filter { !kept.contains($0) }.map { .init(key: $0, value: nil) }
                try self.write(changes, to: resource, current: current, in: &draft)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.responses.append(answer)
        }
        if request.validateOnly { return CommandResult(records: [], response: response) }
        Self.appendClearedELRs(to: &draft)
        return self.finish(draft, response, now: context.now)
    }

    private static var duplicateResource: ControllerError {
        ControllerError(.invalidRequest, "Each resource must appear at most once.")
    }

    /// A key and the value it shall have; nil deletes it.
    private struct ConfigurationChange {
        var key: String
        var value: String?
    }

    /// What an operation of an incremental request does; the raw value is Kafka's number.
    private enum Operation: Int8 {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    private func changes(
        _ configs: [IncrementalAlterConfigsRequest.AlterableConfig], of resource: ConfigResource,
        current: [String: String]
    ) throws(ControllerError) -> [ConfigurationChange] {
        let names = configs.map(\.name)
        guard Set(names).count == names.count else {
            throw ControllerError(.invalidRequest, "Error due to duplicate config keys")
        }
        var changes: [ConfigurationChange] = []
        for config in configs {
            guard let operation = Operation(rawValue: config.configOperation) else {
                throw ControllerError(.invalidRequest, "Unknown operation type \(config.configOperation)")
            }
            guard operation == .delete || config.value != nil else {
                throw ControllerError(.invalidRequest, "Null value not supported for : \(config.name)")
            }
            switch operation {
            case .set: changes.append(.init(key: config.name, value: config.value))
            case .delete: changes.append(.init(key: config.name, value: nil))
            case .append, .subtract:
                let list = try self.list(config, operation, of: resource, current: current)
                changes.append(.init(key: config.name, value: list))
            }
        }
        return changes
    }

    private func list(
        _ config: IncrementalAlterConfigsRequest.AlterableConfig, _ operation: Operation, of resource: ConfigResource,
        current: [String: String]
    ) throws(ControllerError) -> String {
        guard self.rules.isList(config.name, of: resource.kind) else {
            let name = operation == .append ? "APPEND" : "SUBTRACT"
            throw ControllerError(
                .invalidConfig, "Can't \(name) to key \(config.name) because its type is not LIST.")
        }
        let before = current[config.name] ?? self.rules.defaultValue(of: config.name, kind: resource.kind) ?? ""
        var parts = before.split(separator: ",").map(String.init)
        for part in (config.value ?? "").split(separator: ",").map(String.init) {
            if operation == .subtract {
                parts.removeAll { $0 == part }
            } else if !parts.contains(part) {
                parts.append(part)
            }
        }
        return parts.joined(separator: ",")
    }

    private func write(
        _ changes: [ConfigurationChange], to resource: ConfigResource, current: [String: String],
        in draft: inout RecordDraft
    ) throws(ControllerError) {
        try self.checkExists(resource, in: draft.image)
        var configuration = current
        var records: [ConfigRecord] = []
        for change in changes {
            try Self.checkAllowed(change, of: resource, in: draft.image)
            configuration[change.key] = change.value
            // A broker's value is written again even where it is the same: it may have to load a file anew.
            guard change.value != current[change.key] || resource.kind == .broker else { continue }
            var record = ConfigRecord()
            record.resourceType = resource.kind.rawValue
            record.resourceName = resource.name
            record.name = change.key
            record.value = change.value
            records.append(record)
        }
        if let tooLong = Self.valueTooLong(configuration) { throw tooLong }
        if let problem = self.rules.problem(in: configuration, previous: current, of: resource) { throw problem }
        guard draft.records.count + records.count <= RecordDraft.userRecordsMax else {
            throw ControllerError(.policyViolation, "Unable to perform excessively large batch operation.")
        }
        for record in records { draft.append(.config(record)) }
    }

    private func checkExists(_ resource: ConfigResource, in image: MetadataImage) throws(ControllerError) {
        switch resource.kind {
        case .topic:
            guard image.topicIDs[resource.name] != nil else {
                throw ControllerError(
                    .unknownTopicOrPartition, "The topic '\(resource.name)' does not exist.")
            }
        case .broker where !resource.name.isEmpty:
            guard let number = Int32(resource.name) else {
                throw ControllerError(.invalidRequest, "Invalid broker name \(resource.name)")
            }
            let node = NodeID(number)
            guard image.brokers[node] != nil || image.controllers[node] != nil else {
                throw ControllerError(.brokerIDNotRegistered, "No node with id \(number) found.")
            }
        default: break
        }
    }

    /// While eligible leader replicas are kept, `min.insync.replicas` is the cluster's: no broker differs (KIP-966).
    private static func checkAllowed(
        _ change: ConfigurationChange, of resource: ConfigResource, in image: MetadataImage
    ) throws(ControllerError) {
        guard resource.kind == .broker, change.key == PartitionPolicy.minInsyncReplicasKey, image.isELREnabled else {
            return
        }
        if resource.name.isEmpty {
            guard change.value != nil else {
                throw ControllerError(
                    .invalidConfig, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")
            }
        } else if change.value != nil {
            throw ControllerError(
                .invalidConfig, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.")
        }
    }

    /// Values stand in the log with a 16-bit length.
    static func valueTooLong(_ configuration: [String: String]) -> ControllerError? {
        guard configuration.values.contains(where: { $0.utf16.count > Int(Int16.max) }) else { return nil }
        return ControllerError(
            .invalidConfig,
            "The configuration value cannot be added because it exceeds the maximum value size of \(Int16.max) bytes.")
    }

    /// Another `min.insync.replicas` makes what the ELR says worthless (KIP-966): a leader may have moved the high
    /// watermark on without its members.
    ///
    /// A partition without an ISR has no such leader, and its ELR is all that is left to elect from. Where there is one,
    /// the others are cleared one by one instead of by the record that clears all.
    private static func appendClearedELRs(to draft: inout RecordDraft) {
        guard draft.image.isELREnabled else { return }
        for case .config(let config) in draft.records where config.name == PartitionPolicy.minInsyncReplicasKey {
            let isTopic = config.resourceType == ConfigResource.Kind.topic.rawValue
            let topic = isTopic ? draft.image.topic(named: config.resourceName)?.id : nil
            let keeping = draft.image.partitions { !$0.eligibleLeaders.isEmpty || !$0.lastKnownEligibleLeaders.isEmpty }
                .filter { topic == nil || $0.topicID == topic }
            guard keeping.contains(where: { draft.image.partition($0)?.isr.isEmpty == true }) else {
                var record = ClearElrRecord()
                if isTopic { record.topicName = config.resourceName }
                draft.append(.clearElr(record))
                continue
            }
            for partition in keeping where draft.image.partition(partition)?.isr.isEmpty == false {
                var record = PartitionChangeRecord()
                record.topicId = partition.topicID
                record.partitionId = partition.partition
                record.eligibleLeaderReplicas = []
                record.lastKnownElr = []
                draft.append(.partitionChange(record))
            }
        }
    }
}
