/// What a principal may do to a resource, as the bit field that Metadata and DescribeCluster answer (KIP-430).
///
/// Without an authorizer everything that the resource knows is allowed, as in Kafka.
enum AuthorizedOperations {
    /// The field was not asked for.
    static let notRequested = Int32.min
    /// READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS and ALTER_CONFIGS by their operation codes.
    static let topic = Self.bits(3, 4, 5, 6, 7, 8, 10, 11)
    /// CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS and IDEMPOTENT_WRITE.
    static let cluster = Self.bits(5, 7, 8, 9, 10, 11, 12)

    private static func bits(_ codes: Int32...) -> Int32 {
        codes.reduce(0) { $0 | 1 << $1 }
    }
}
