package import KafkaProtocol

/// One API that a listener serves: the versions, and what answers them.
///
/// The same table routes requests and answers ApiVersions, so nothing is advertised that is not served.
package struct ServedAPI: Sendable {
    package typealias Handler = @Sendable (Request) throws -> Void

    package let key: APIKey
    /// The versions that are served, both ends included.
    package let versions: ClosedRange<Int16>
    package let handle: Handler

    /// - Parameter handle: answers the request, now or later. What it throws closes the connection: it means that the
    ///   bytes are not the message they were said to be.
    package init(_ key: APIKey, _ versions: ClosedRange<Int16>, _ handle: @escaping Handler) {
        self.key = key
        self.versions = versions
        self.handle = handle
    }
}

/// The APIs of one listener by key.
package struct ServedAPITable: Sendable {
    /// In ascending order of keys.
    package let apis: [ServedAPI]
    /// Position in `apis` by key; -1 where the key is not served.
    private let positions: [Int8]

    package init(_ apis: [ServedAPI]) {
        let sorted = apis.sorted { $0.key.rawValue < $1.key.rawValue }
        var positions = [Int8](repeating: -1, count: 128)
        for (index, api) in sorted.enumerated() {
            precondition(positions[Int(api.key.rawValue)] == -1, "\(api.key) is served twice")
            positions[Int(api.key.rawValue)] = Int8(index)
        }
        self.apis = sorted
        self.positions = positions
    }

    package subscript(key: Int16) -> ServedAPI? {
        guard key >= 0, Int(key) < self.positions.count, self.positions[Int(key)] >= 0 else { return nil }
        return self.apis[Int(self.positions[Int(key)])]
    }
}
