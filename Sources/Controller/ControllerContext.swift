package import ApusCore

/// What a command is told besides its request.
package struct ControllerContext: Sendable {
    /// When the command runs.
    package var now: Instant
    /// The offset that the command's first record will get: the end of the metadata log.
    package var appendOffset: Offset
    /// The version of the request.
    package var apiVersion: Int16
    /// False where the caller may not describe the configuration of the topics it creates.
    package var mayDescribeConfigurations: Bool

    package init(
        now: Instant, appendOffset: Offset, apiVersion: Int16 = .max, mayDescribeConfigurations: Bool = true
    ) {
        self.now = now
        self.appendOffset = appendOffset
        self.apiVersion = apiVersion
        self.mayDescribeConfigurations = mayDescribeConfigurations
    }
}
