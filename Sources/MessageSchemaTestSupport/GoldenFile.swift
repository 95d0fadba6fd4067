package import Foundation
package import KafkaPrimitives

/// Bytes that another implementation wrote for each version of one message, and its reading of them as JSON.
package struct GoldenFile {
    package struct Sample {
        package var producer: String
        package var version: Int16
        package var bytes: ByteSlice
        package var json: Any
    }

    package var samples: [Sample]

    /// Throws `Malformed` where the file has not the format that the README beside it describes.
    package init(contentsOf file: URL) throws {
        self.samples = []
        var producer = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") {
                producer = line.dropFirst().trimmingCharacters(in: .whitespaces)
                continue
            }
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count == 3, let version = Int16(parts[0]), let bytes = ByteSlice(hex: parts[1]) else {
                throw Malformed(file: file.lastPathComponent, line: String(line.prefix(40)))
            }
            let json = try JSONSerialization.jsonObject(with: Data(parts[2].utf8), options: .fragmentsAllowed)
            self.samples.append(Sample(producer: producer, version: version, bytes: bytes, json: json))
        }
    }

    package struct Malformed: Error {
        package var file: String
        package var line: String
    }

    /// What goes wrong when `type` reads the samples, tells what they hold, and writes them again.
    package func failures<Message: KafkaMessage>(of type: Message.Type) -> [String] {
        var failures: [String] = []
        for sample in self.samples where Message.validVersions.contains(sample.version) {
            let label = "\(type) v\(sample.version) (\(sample.producer))"
            do {
                let message = try Message(decoding: sample.bytes, version: sample.version)
                failures += PropertyTree.differences(message, sample.json, at: label)
                let encoded = message.encoded(version: sample.version)
                if encoded != sample.bytes {
                    failures.append("\(label): \(encoded.array) is written, not \(sample.bytes.array)")
                }
            } catch {
                failures.append("\(label): \(error)")
            }
        }
        let missing = Set(Message.validVersions).subtracting(self.samples.map(\.version))
        if !missing.isEmpty { failures.append("\(type): no sample of versions \(missing.sorted())") }
        return failures
    }
}

extension ByteSlice {
    /// Reads two digits a byte, and nothing between them.
    package init?(hex: Substring) {
        var bytes: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(bytes)
    }
}
