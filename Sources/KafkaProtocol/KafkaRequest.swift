public import KafkaPrimitives

/// A request of Kafka's protocol.
public protocol KafkaRequest: KafkaMessage {
    associatedtype Response: KafkaResponse

    static var apiKey: APIKey { get }
}

/// A response of Kafka's protocol.
public protocol KafkaResponse: KafkaMessage {}
