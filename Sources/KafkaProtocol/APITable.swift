/// All APIs that are known, by key.
public enum APITable {
    /// Every API in ascending order of its key.
    public static var all: [APIDescription] { self.rows }

    /// Rows by key; a key that is not in use has none.
    private static let byKey: [APIDescription?] = {
        var table = [APIDescription?](repeating: nil, count: Int(Self.rows.last?.key.rawValue ?? -1) + 1)
        for row in Self.rows { table[Int(row.key.rawValue)] = row }
        return table
    }()

    /// What is known of the API with `key`; nil where there is no such API.
    public static subscript(key: APIKey) -> APIDescription? {
        guard key.rawValue >= 0, Int(key.rawValue) < self.byKey.count else { return nil }
        return self.byKey[Int(key.rawValue)]
    }

    /// The version of the header of a request: 2 with tagged fields in flexible versions, otherwise 1.
    ///
    /// A version above those known counts as flexible where the newest known one is. Version 0, without a client id,
    /// belonged to one retired API only.
    public static func requestHeaderVersion(for key: APIKey, version: Int16) -> Int16 {
        guard let first = self[key]?.flexibleFrom else { return 1 }
        return version >= first ? 2 : 1
    }

    /// The version of the header of a response: 1 with tagged fields in flexible versions, otherwise 0.
    ///
    /// That of `ApiVersions` is always 0, so that a client can read it before it knows the broker (KIP-511).
    public static func responseHeaderVersion(for key: APIKey, version: Int16) -> Int16 {
        guard key != .apiVersions, let first = self[key]?.flexibleFrom else { return 0 }
        return version >= first ? 1 : 0
    }
}
