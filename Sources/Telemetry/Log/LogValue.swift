/// A value beside the fact that a line of the log states.
package enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case double(Double)
    case boolean(Bool)

    /// The text of any value: an offset, an epoch, an error.
    package init(_ value: some CustomStringConvertible) {
        self = .text(value.description)
    }

    package init(_ value: some BinaryInteger) {
        self = .integer(Int64(clamping: value))
    }
}

extension LogValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }

    package init(integerLiteral value: Int64) { self = .integer(value) }

    package init(booleanLiteral value: Bool) { self = .boolean(value) }

    package init(floatLiteral value: Double) { self = .double(value) }
}
