import ApusCore

/// Random ids from the system's source of randomness.
enum RandomUUID {
    /// The text of a new one.
    static func next() -> String {
        var random = SystemRandomNumberGenerator()
        return KafkaUUID.random(using: &random).description
    }
}
