/// A point on a clock that never goes back: nanoseconds since some start that only this process knows.
///
/// Pure parts never read a clock; they are given instants. A simulation passes virtual ones.
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every instant a clock can show.
    @inlinable
    public static var distantFuture: Instant { Instant(nanoseconds: .max) }

    @inlinable
    public static func < (lhs: Instant, rhs: Instant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// The instant that is `interval` later, or `distantFuture` where that does not fit.
    @inlinable
    public static func + (lhs: Instant, rhs: Interval) -> Instant {
        let (sum, overflow) = lhs.nanoseconds.addingReportingOverflow(rhs.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    @inlinable
    public static func - (lhs: Instant, rhs: Interval) -> Instant {
        Instant(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
    }

    /// The time that passed from `rhs` to `lhs`.
    @inlinable
    public static func - (lhs: Instant, rhs: Instant) -> Interval {
        Interval(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
    }
}

/// A length of time in nanoseconds: one machine word, so that a hot path can do arithmetic with it.
public struct Interval: Hashable, Comparable, Sendable {
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static var zero: Interval { Interval(nanoseconds: 0) }

    @inlinable
    public static func microseconds(_ count: Int64) -> Interval {
        Interval(nanoseconds: count * 1000)
    }

    /// `count` milliseconds; a count too large for the type becomes the longest interval.
    @inlinable
    public static func milliseconds(_ count: Int64) -> Interval {
        let (product, overflow) = count.multipliedReportingOverflow(by: 1_000_000)
        return Interval(nanoseconds: overflow ? .max : product)
    }

    @inlinable
    public static func seconds(_ count: Int64) -> Interval {
        .milliseconds(count * 1000)
    }

    /// Whole milliseconds, rounded towards zero.
    @inlinable
    public var milliseconds: Int64 { self.nanoseconds / 1_000_000 }

    @inlinable
    public static func < (lhs: Interval, rhs: Interval) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    @inlinable
    public static func + (lhs: Interval, rhs: Interval) -> Interval {
        Interval(nanoseconds: lhs.nanoseconds + rhs.nanoseconds)
    }

    @inlinable
    public static func - (lhs: Interval, rhs: Interval) -> Interval {
        Interval(nanoseconds: lhs.nanoseconds - rhs.nanoseconds)
    }
}
