/// The number of an API of Kafka's protocol. The known ones have names (`APIKey.fetch`).
public struct APIKey: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: Int16

    @inlinable
    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    @inlinable
    public static func < (lhs: APIKey, rhs: APIKey) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

extension APIKey: CustomStringConvertible {
    /// Kafka's name, or `API_n` where there is none.
    public var description: String { APITable[self]?.name ?? "API_\(self.rawValue)" }
}
