/// How much a config matters to an operator, as Kafka's documentation ranks it.
package enum ConfigImportance: Hashable, Sendable {
    case high
    case medium
    case low
}
