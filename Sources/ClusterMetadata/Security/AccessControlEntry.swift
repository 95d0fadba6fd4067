/// One rule of the ACL store, with Kafka's numbers for kinds and operations.
package struct AccessControlEntry: Hashable, Sendable {
    package var resourceType: Int8
    package var resourceName: String
    package var patternType: Int8
    package var principal: String
    package var host: String
    package var operation: Int8
    package var permissionType: Int8

    package init(
        resourceType: Int8, resourceName: String, patternType: Int8, principal: String, host: String,
        operation: Int8, permissionType: Int8
    ) {
        self.resourceType = resourceType
        self.resourceName = resourceName
        self.patternType = patternType
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permissionType = permissionType
    }
}
