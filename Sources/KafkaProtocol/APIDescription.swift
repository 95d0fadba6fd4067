/// What is known of one API: a row of `APITable`.
public struct APIDescription: Hashable, Sendable {
    /// The kinds of listener on which Kafka serves an API.
    public struct Listeners: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let broker = Listeners(rawValue: 1)
        public static let controller = Listeners(rawValue: 2)
    }

    public var key: APIKey
    /// Kafka's name.
    public var name: String
    /// The versions that can be read and written.
    public var versions: ClosedRange<Int16>
    /// The first version with compact lengths and tagged fields; nil where there is none.
    public var flexibleFrom: Int16?
    public var listeners: Listeners
    /// The newest version where Kafka does not serve it without being told to; nil where all are stable.
    public var unstableVersion: Int16?

    init(
        _ key: APIKey, _ name: String, _ versions: ClosedRange<Int16>, flexibleFrom: Int16?, _ listeners: Listeners,
        unstableVersion: Int16? = nil
    ) {
        self.key = key
        self.name = name
        self.versions = versions
        self.flexibleFrom = flexibleFrom
        self.listeners = listeners
        self.unstableVersion = unstableVersion
    }

    /// The versions that Kafka serves without being told to.
    public var stableVersions: ClosedRange<Int16> {
        guard let unstable = self.unstableVersion else { return self.versions }
        return self.versions.lowerBound...(unstable - 1)
    }
}
