/// The text of a double as Java writes it, because config values are compared as text by tools.
enum JavaDouble {
    /// `0.5`, `1.0`, `1.0E7`, `9.9999999999E10`: plain from 1e-3 (inclusive) to 1e7 (exclusive), else with an exponent.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        let (digits, exponent) = Self.decimal(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if value == 0 { return sign + "0.0" }
        if value.magnitude >= 1e-3, value.magnitude < 1e7 {
            return sign + Self.plain(digits, exponent: exponent)
        }
        let fraction = digits.count > 1 ? String(digits.dropFirst()) : "0"
        return "\(sign)\(digits.prefix(1)).\(fraction)E\(exponent)"
    }

    /// The shortest digits that read back as `value`, and the power of ten of the first of them.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = "\(value)".split(separator: "e", maxSplits: 1)
        let written = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let fraction = mantissa.count == 2 ? String(mantissa[1]) : ""
        let all = whole + fraction
        let leadingZeros = all.prefix { $0 == "0" }.count
        var digits = String(all.dropFirst(leadingZeros))
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        return (digits.isEmpty ? "0" : digits, written + whole.count - 1 - leadingZeros)
    }

    private static func plain(_ digits: String, exponent: Int) -> String {
        if exponent < 0 {
            return "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let padded = digits + String(repeating: "0", count: max(0, exponent + 2 - digits.count))
        return "\(padded.prefix(exponent + 1)).\(padded.dropFirst(exponent + 1))"
    }
}
