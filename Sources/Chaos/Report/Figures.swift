import Foundation

/// Numbers as people read them.
enum Figures {
    /// With `places` digits behind the point, without zeros at its end.
    static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "–" }
        var text = String(format: "%.\(places)f", value)
        if places > 0 {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        return text == "-0" ? "0" : text
    }

    /// A count with its thousands apart.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "\u{202f}" }
            grouped.append(digit)
        }
        return (value < 0 ? "−" : "") + grouped
    }

    /// A count in few letters: 950, 12.4k, 3.1M.
    static func short(_ value: Double) -> String {
        switch abs(value) {
        case 1_000_000...: self.decimal(value / 1_000_000, 1) + "M"
        case 1000...: self.decimal(value / 1000, abs(value) < 10_000 ? 1 : 0) + "k"
        default: self.decimal(value, abs(value) < 10 ? 1 : 0)
        }
    }

    /// A time that passed: 0.4 ms, 85 ms, 1.24 s, 75 s.
    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.01: self.decimal(seconds * 1000, 1) + " ms"
        case ..<1: self.decimal(seconds * 1000, 0) + " ms"
        case ..<10: self.decimal(seconds, 2) + " s"
        default: self.decimal(seconds, 1) + " s"
        }
    }

    /// A moment of the run: 12.345 s.
    static func moment(_ seconds: Double) -> String {
        String(format: "%.2f s", seconds)
    }
}
