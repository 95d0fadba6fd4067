package import ApusCore

/// A protocol outcome that is not success: Kafka's code and message.
package struct ControllerError: Error, Equatable, Sendable {
    package let code: ErrorCode
    /// Kafka's words; nil where Kafka sends none beyond the code.
    package let message: String?

    package init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}
