/// A number with a meaning of its own: an id, an offset, an epoch.
///
/// Each conforming type wraps one fixed-width integer, so that an offset cannot be passed where an epoch is meant.
/// Raw integers appear only where bytes are read or written.
public protocol IntegerValue: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral,
    CustomStringConvertible
where RawValue: FixedWidthInteger & SignedInteger & Sendable, IntegerLiteralType == RawValue {
    init(rawValue: RawValue)
}

extension IntegerValue {
    @inlinable
    public init(_ rawValue: RawValue) {
        self.init(rawValue: rawValue)
    }

    @inlinable
    public init(integerLiteral value: RawValue) {
        self.init(rawValue: value)
    }

    @inlinable
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    @inlinable
    public static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue == rhs.rawValue
    }

    @inlinable
    public static func + (lhs: Self, rhs: RawValue) -> Self {
        Self(rawValue: lhs.rawValue + rhs)
    }

    @inlinable
    public static func - (lhs: Self, rhs: RawValue) -> Self {
        Self(rawValue: lhs.rawValue - rhs)
    }

    @inlinable
    public static func - (lhs: Self, rhs: Self) -> RawValue {
        lhs.rawValue - rhs.rawValue
    }

    @inlinable
    public static func += (lhs: inout Self, rhs: RawValue) {
        lhs = lhs + rhs
    }

    public var description: String { String(self.rawValue) }
}
