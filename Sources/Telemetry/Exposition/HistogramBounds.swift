/// The bounds under which a histogram's values are shown; the histogram itself is finer.
struct HistogramBounds {
    struct Bound: Sendable {
        var value: UInt64
        /// In the unit that is shown.
        var text: String
    }

    static func bounds(of unit: Histogram.Unit) -> [Bound] {
        switch unit {
        case .seconds: Self.seconds
        case .bytes: Self.bytes
        case .count: Self.counts
        }
    }

    /// From 10 us to 50 s in steps of 1, 2, 5.
    private static let seconds: [Bound] = {
        var bounds: [Bound] = []
        let places = ["0.00001", "0.0001", "0.001", "0.01", "0.1", "1.0", "10.0"]
        var nanoseconds: UInt64 = 10_000
        for place in places {
            for step in [1, 2, 5] as [UInt64] {
                let digits = place.replacingOne(with: step)
                bounds.append(Bound(value: nanoseconds * step, text: digits))
            }
            nanoseconds *= 10
        }
        return bounds
    }()

    /// From 64 bytes to 64 MiB in steps of 4.
    private static let bytes: [Bound] = (3...13).map { Self.whole(1 << (2 * UInt64($0))) }

    /// From 1 to 1,048,576 in steps of 4.
    private static let counts: [Bound] = (0...10).map { Self.whole(1 << (2 * UInt64($0))) }

    private static func whole(_ value: UInt64) -> Bound {
        Bound(value: value, text: "\(value).0")
    }
}

extension String {
    /// The text with its only `1` replaced by `digit`.
    fileprivate func replacingOne(with digit: UInt64) -> String {
        self.map { $0 == "1" ? "\(digit)" : String($0) }.joined()
    }
}
