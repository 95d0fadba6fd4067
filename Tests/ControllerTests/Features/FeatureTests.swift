import ApusCore
import ClusterMetadata
import Controller
import KafkaProtocol
import KafkaStoredMessages
import StateMachine
import Testing

struct FeatureTests {
    private func request(_ feature: String, _ level: Int16, type: Int8 = 1) -> UpdateFeaturesRequest {
        var update = UpdateFeaturesRequest.FeatureUpdateKey()
        update.feature = feature
        update.maxVersionLevel = level
        update.upgradeType = type
        var request = UpdateFeaturesRequest()
        request.featureUpdates = [update]
        return request
    }

    @Test("A feature is lowered and raised, and every level of it is checked against all nodes")
    func levels() throws {
        var test = try TestController()
        try test.start([0])
        let lower = self.request("group.version", 0, type: 2)
        var response = UpdateFeaturesResponse()
        response.errorMessage = nil
        #expect(
            try test.run(version: 2) { $0.updateFeatures(lower, context: $1) }
                == CommandResult(records: [feature("group.version", 0)], response: response))
        #expect(test.image.features["group.version"] == nil)
        let raise = self.request("group.version", 1)
        #expect(
            try test.run(version: 2) { $0.updateFeatures(raise, context: $1) }.records == [feature("group.version", 1)])
        #expect(try test.replay() == test.image)
    }

    @Test("Updates that make no sense are refused in Kafka's words, all together")
    func refusals() throws {
        var test = try TestController()
        try test.start([0])
        var poor = TestController.registration(1)
        poor.features.removeAll { $0.name == "streams.version" }
        let lowered = self.request("streams.version", 0, type: 2)
        try test.run { $0.updateFeatures(lowered, context: $1) }
        let registered = poor
        try test.run { $0.registerBroker(registered, context: $1) }
        let cases: [(UpdateFeaturesRequest, String)] = [
            (self.request("group.version", 1, type: 9), "The controller does not support the given upgrade type."),
            (self.request("group.version", -1), "A feature version cannot be less than 0."),
            (self.request("group.version", 2), "Local controller 100 only supports versions 0-1"),
            (self.request("streams.version", 1), "Broker 1 does not support this feature."),
            (
                self.request("group.version", 0),
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                    + "unsafe downgrade."
            ),
            (
                self.request("metadata.version", 29, type: 2),
                "Refusing to perform the requested downgrade because it might delete metadata information."
            ),
        ]
        for (asked, reason) in cases {
            let update = asked.featureUpdates[0]
            var response = UpdateFeaturesResponse()
            response.errorCode = .invalidUpdateVersion
            response.errorMessage =
                "The update failed for all features since the following feature had an error: Invalid update version "
                + "\(update.maxVersionLevel) for feature \(update.feature). \(reason)"
            #expect(
                try test.run(version: 2) { $0.updateFeatures(asked, context: $1) }
                    == CommandResult(records: [], response: response))
        }
    }

    @Test("Turning on eligible leader replicas makes the minimum of in-sync replicas the cluster's")
    func eligibleLeaderReplicas() throws {
        var test = try TestController(minInsyncReplicas: 2)
        try test.start([0])
        let off = self.request("eligible.leader.replicas.version", 0, type: 2)
        try test.run { $0.updateFeatures(off, context: $1) }
        for (name, value) in [("", String?.none), ("0", "1")] {
            var setting = IncrementalAlterConfigsRequest.AlterableConfig()
            setting.name = "min.insync.replicas"
            setting.configOperation = value == nil ? 1 : 0
            setting.value = value
            var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
            resource.resourceType = 4
            resource.resourceName = name
            resource.configs = [setting]
            var request = IncrementalAlterConfigsRequest()
            request.resources = [resource]
            let asked = request
            try test.run { $0.incrementalAlterConfigs(asked, context: $1) }
        }
        let on = self.request("eligible.leader.replicas.version", 1)
        #expect(
            try test.run { $0.updateFeatures(on, context: $1) }.records == [
                config(4, "", "min.insync.replicas", "2"), config(4, "0", "min.insync.replicas", nil),
                feature("eligible.leader.replicas.version", 1),
            ])
    }
}
