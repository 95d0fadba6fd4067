import ApusCore
package import KafkaPrimitives
package import MessageSchema

/// Runs a generated type against its schema and against damaged bytes. Each check returns what went wrong.
package struct MessageChecks {
    package var layout: MessageLayout

    package init(_ layout: MessageLayout) {
        self.layout = layout
    }

    /// A round trip of `count` random messages in every version, with and without unknown tagged fields.
    package func roundTrips<Message: KafkaMessage>(_ type: Message.Type, count: Int, seed: UInt64) -> [String] {
        var failures: [String] = []
        for version in Message.validVersions {
            for index in 0..<UInt64(count) {
                let seed = seed &+ index
                let sample = SampleWriter.random(self.layout, version: version, seed: seed)
                let decorated = SampleWriter.random(self.layout, version: version, seed: seed, addsUnknownTags: true)
                for bytes in [sample, decorated] {
                    do {
                        let encoded = try Message(decoding: bytes, version: version).encoded(version: version)
                        if encoded != sample {
                            failures.append("\(type) v\(version) seed \(seed): \(encoded.array) != \(sample.array)")
                        }
                    } catch {
                        failures.append("\(type) v\(version) seed \(seed): \(error) in \(bytes.array)")
                    }
                }
            }
        }
        return failures
    }

    /// What a new value encodes to in every version, against the defaults of the schema.
    package func defaults<Message: KafkaMessage>(_ type: Message.Type) -> [String] {
        var failures: [String] = []
        for version in Message.validVersions {
            let encoded = Message().encoded(version: version)
            let expected = SampleWriter.defaults(self.layout, version: version)
            if encoded != expected { failures.append("\(type) v\(version): \(encoded.array) != \(expected.array)") }
        }
        return failures
    }

    /// Every prefix of a random message must be refused, and the bytes with one of them changed must not do harm.
    package func refusals<Message: KafkaMessage>(_ type: Message.Type, seed: UInt64) -> [String] {
        var failures: [String] = []
        var random = SeededRandom(seed: seed)
        for version in Message.validVersions {
            let sample = SampleWriter.random(self.layout, version: version, seed: seed)
            for count in 0..<sample.count {
                if Self.read(type, sample[0..<count], version: version) != nil {
                    failures.append("\(type) v\(version) seed \(seed): \(count) of \(sample.count) bytes are accepted")
                }
            }
            for _ in 0..<20 where !sample.isEmpty {
                var bytes = sample.array
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                guard let message = Self.read(type, ByteSlice(bytes), version: version) else { continue }
                if Self.read(type, message.encoded(version: version), version: version) == nil {
                    failures.append("\(type) v\(version) seed \(seed): no round trip of \(bytes)")
                }
            }
        }
        for version in [Message.validVersions.lowerBound - 1, Message.validVersions.upperBound + 1] {
            do {
                _ = try Message(decoding: .empty, version: version)
                failures.append("\(type) v\(version) is accepted")
            } catch {
                if error.code != .unsupportedVersion { failures.append("\(type) v\(version): \(error)") }
            }
        }
        return failures
    }

    /// The message, or nil where it is refused.
    private static func read<Message: KafkaMessage>(
        _ type: Message.Type, _ bytes: ByteSlice, version: Int16
    ) -> Message? {
        do {
            return try Message(decoding: bytes, version: version)
        } catch {
            return nil
        }
    }
}
