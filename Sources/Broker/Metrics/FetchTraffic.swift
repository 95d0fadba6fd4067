import Synchronization
package import Telemetry

/// Bytes of records that one kind of reader fetched, in all and by the reader's zone.
///
/// What clients name as their rack is theirs to choose: only zones that a broker is in have a count of their own, so
/// that nobody can make up as many as they like.
package final class FetchTraffic: Sendable {
    /// Where a reader is that names no zone, and one that names a zone without brokers.
    package static let unnamedZone = "(none)"
    package static let unknownZone = "(other)"

    package let bytes = Counter()
    /// The part of them that left this broker's zone, where both zones are known.
    package let bytesAcrossZones = Counter()
    private let zones = Mutex<[String: Counter]>([:])

    package init() {}

    /// Begins to count a zone.
    ///
    /// - Returns: its count, nil where the zone has one already.
    package func count(zone: String) -> Counter? {
        self.zones.withLock { zones in
            guard zones[zone] == nil else { return nil }
            let counter = Counter()
            zones[zone] = counter
            return counter
        }
    }

    /// - Parameters:
    ///   - zone: the reader's `rack`, nil where it is not known.
    ///   - ownZone: this broker's.
    package func add(_ count: Int, zone: String?, ownZone: String?) {
        guard count > 0 else { return }
        self.bytes.increment(by: count)
        guard let ownZone else { return }
        if let zone, zone != ownZone { self.bytesAcrossZones.increment(by: count) }
        let counter = self.zones.withLock { $0[zone ?? Self.unnamedZone] ?? $0[Self.unknownZone] }
        counter?.increment(by: count)
    }
}
