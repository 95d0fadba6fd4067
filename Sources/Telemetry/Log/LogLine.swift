package import ApusCore

/// One line of the log before it is written.
package struct LogLine: Hashable, Sendable {
    /// The most bytes of a written line, its end included: what a pipe takes at once. Fields beyond are left out.
    package static let bytesMax = 4096

    package var time: Timestamp
    package var level: LogLevel
    package var subsystem: String
    /// What happened, in a few fixed words.
    package var event: String
    package var fields: LogFields

    package init(time: Timestamp, level: LogLevel, subsystem: String, event: String, fields: LogFields) {
        self.time = time
        self.level = level
        self.subsystem = subsystem
        self.event = event
        self.fields = fields
    }

    /// The line in `format`, with its newline.
    package func bytes(_ format: LogFormat) -> [UInt8] {
        var text = LogText()
        switch format {
        case .text:
            self.writeText(&text)
            return text.finished("\n")
        case .json:
            self.writeJSON(&text)
            return text.finished("}\n")
        }
    }

    /// The line without its time and its newline.
    package var summary: String {
        var text = LogText()
        self.writeSummary(&text)
        return String(decoding: text.finished(""), as: UTF8.self)
    }

    private func writeText(_ text: inout LogText) {
        text.append("\(UTCTime(self.time)) ")
        self.writeSummary(&text)
    }

    private func writeSummary(_ text: inout LogText) {
        text.append("\("\(self.level)".uppercased()) \(self.subsystem) ")
        text.appendEscaped(self.event, quote: false)
        text.endField()
        for field in self.fields.fields {
            text.append(" \(field.name)=")
            switch field.value {
            case .text(let value): text.appendEscaped(value, quote: LogText.needsQuotes(value))
            case .integer(let value): text.append("\(value)")
            case .double(let value): text.append("\(value)")
            case .boolean(let value): text.append("\(value)")
            }
            text.endField()
        }
    }

    private func writeJSON(_ text: inout LogText) {
        text.append("{\"time\":\"\(UTCTime(self.time))\",\"level\":\"\(self.level)\",\"subsystem\":")
        text.appendEscaped(self.subsystem, quote: true)
        text.append(",\"event\":")
        text.appendEscaped(self.event, quote: true)
        text.endField()
        for field in self.fields.fields {
            text.append(",")
            text.appendEscaped(field.name, quote: true)
            text.append(":")
            switch field.value {
            case .text(let value): text.appendEscaped(value, quote: true)
            case .integer(let value): text.append("\(value)")
            case .double(let value) where value.isFinite: text.append("\(value)")
            case .double(let value): text.append("\"\(value)\"")
            case .boolean(let value): text.append("\(value)")
            }
            text.endField()
        }
    }
}
