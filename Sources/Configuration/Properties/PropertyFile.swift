/// The reader of Java's properties syntax.
///
/// Shape: a line whose first visible character is `#` or `!` is a comment. A key ends at the first unescaped `=`, `:`
/// or blank; blanks around it are skipped. A line that ends in an odd number of backslashes goes on in the next, whose
/// leading blanks are dropped. `\t`, `\n`, `\r`, `\f` and `\uXXXX` are escapes; before any other character a backslash
/// is dropped. Source: `java.util.Properties.load`.
package enum PropertyFile {
    /// Larger files are refused: 1 MiB.
    package static let bytesMax = 1 << 20

    /// The properties in `text`, each with the line on which it begins.
    ///
    /// - Throws: `ConfigurationError` for a broken `\u` escape and for a text longer than `bytesMax`.
    package static func parse(_ text: String, file: String) throws(ConfigurationError) -> Properties {
        guard text.utf8.count <= self.bytesMax else {
            throw ConfigurationError(.fileTooLarge, "\(file): larger than \(self.bytesMax) bytes")
        }
        var properties = Properties()
        for line in Self.logicalLines(of: text) {
            let origin = PropertyOrigin.file(file, line: line.number)
            let (key, value) = Self.split(line.characters)
            properties.set(
                Property(
                    key: try Self.unescape(key, origin: origin), value: try Self.unescape(value, origin: origin),
                    origin: origin))
        }
        return properties
    }

    private struct LogicalLine {
        var number: Int
        var characters: [Unicode.Scalar]
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{c}"
    }

    /// The lines that carry a property, with continuations joined.
    private static func logicalLines(of text: String) -> [LogicalLine] {
        var lines: [LogicalLine] = []
        var open: LogicalLine?
        for (index, natural) in Self.naturalLines(of: text).enumerated() {
            var characters = natural.drop(while: Self.isBlank)
            if open == nil {
                guard let first = characters.first, first != "#", first != "!" else { continue }
            }
            let backslashes = characters.reversed().prefix { $0 == "\\" }.count
            let continues = backslashes % 2 == 1
            if continues { characters = characters.dropLast() }
            var line = open ?? LogicalLine(number: index + 1, characters: [])
            line.characters.append(contentsOf: characters)
            open = continues ? line : nil
            if !continues, !line.characters.isEmpty { lines.append(line) }
        }
        // A backslash at the very end of the file continues into nothing.
        if let open, !open.characters.isEmpty { lines.append(open) }
        return lines
    }

    private static func naturalLines(of text: String) -> [ArraySlice<Unicode.Scalar>] {
        let scalars = Array(text.unicodeScalars)
        var lines: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            if scalars[index] == "\n" || scalars[index] == "\r" {
                lines.append(scalars[start..<index])
                if scalars[index] == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
                start = index + 1
            }
            index += 1
        }
        lines.append(scalars[start...])
        return lines
    }

    private static func split(
        _ line: [Unicode.Scalar]
    ) -> (key: ArraySlice<Unicode.Scalar>, value: ArraySlice<Unicode.Scalar>) {
        var keyEnd = 0
        while keyEnd < line.count {
            let scalar = line[keyEnd]
            if scalar == "\\" {
                keyEnd = min(keyEnd + 2, line.count)
                continue
            }
            if scalar == "=" || scalar == ":" || Self.isBlank(scalar) { break }
            keyEnd += 1
        }
        var valueStart = keyEnd
        var separatorSeen = false
        while valueStart < line.count {
            if Self.isBlank(line[valueStart]) {
                valueStart += 1
            } else if !separatorSeen, line[valueStart] == "=" || line[valueStart] == ":" {
                separatorSeen = true
                valueStart += 1
            } else {
                break
            }
        }
        return (line[..<keyEnd], line[valueStart...])
    }

    private static func unescape(
        _ escaped: ArraySlice<Unicode.Scalar>, origin: PropertyOrigin
    ) throws(ConfigurationError) -> String {
        var text = String.UnicodeScalarView()
        var units: [UInt16] = []
        var index = escaped.startIndex
        while index < escaped.endIndex {
            let scalar = escaped[index]
            index += 1
            guard scalar == "\\", index < escaped.endIndex else {
                Self.flush(&units, into: &text)
                text.append(scalar)
                continue
            }
            let escape = escaped[index]
            index += 1
            guard escape == "u" else {
                Self.flush(&units, into: &text)
                text.append(Self.meaning(of: escape))
                continue
            }
            let digits = String(String.UnicodeScalarView(escaped[index...].prefix(4)))
            guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else {
                throw ConfigurationError(.malformedEscape, "\(origin): \\u needs four hexadecimal digits")
            }
            units.append(unit)
            index += 4
        }
        Self.flush(&units, into: &text)
        return String(text)
    }

    /// Two `\u` escapes may be the halves of one surrogate pair, so runs of them are decoded together.
    private static func flush(_ units: inout [UInt16], into text: inout String.UnicodeScalarView) {
        guard !units.isEmpty else { return }
        text.append(contentsOf: String(decoding: units, as: UTF16.self).unicodeScalars)
        units.removeAll()
    }

    private static func meaning(of escape: Unicode.Scalar) -> Unicode.Scalar {
        switch escape {
        case "t": "\t"
        case "n": "\n"
        case "r": "\r"
        case "f": "\u{c}"
        default: escape
        }
    }
}
