/// The type of a config's value. The raw value is the one of `DescribeConfigs`.
///
/// Source: `ConfigType` of the DescribeConfigs response, version 3 (KIP-569).
package enum ConfigType: Int8, Hashable, Sendable, CaseIterable {
    /// The config is not declared.
    case unknown = 0
    case boolean = 1
    case string = 2
    case int = 3
    case short = 4
    case long = 5
    case double = 6
    /// Values separated by commas.
    case list = 7
    /// The name of a Java class, which this program keeps but cannot load.
    case javaClass = 8
    /// A secret: never shown, never logged.
    case password = 9

    /// Kafka's name of the type.
    package var name: String {
        switch self {
        case .unknown: "UNKNOWN"
        case .boolean: "BOOLEAN"
        case .string: "STRING"
        case .int: "INT"
        case .short: "SHORT"
        case .long: "LONG"
        case .double: "DOUBLE"
        case .list: "LIST"
        case .javaClass: "CLASS"
        case .password: "PASSWORD"
        }
    }
}
