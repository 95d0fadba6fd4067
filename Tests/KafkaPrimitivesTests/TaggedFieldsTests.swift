import ApusCore
import KafkaPrimitives
import Testing

@Suite("Tagged fields")
struct TaggedFieldsTests {
    /// The tags read, each with the bytes of its field; nil where the reader refuses.
    private static func read(_ bytes: [UInt8]) -> [UInt32: [UInt8]]? {
        var reader = ByteReader(ByteSlice(bytes))
        do {
            var found: [UInt32: [UInt8]] = [:]
            var fields = try reader.readTaggedFields()
            while let tag = try reader.nextTaggedField(&fields) {
                let start = reader.position
                try reader.skipTaggedField(fields)
                found[tag] = Array(bytes[start..<reader.position])
            }
            try reader.expectEnd()
            return found
        } catch {
            return nil
        }
    }

    @Test("are read with their sizes, in ascending order of their tags")
    func reading() {
        #expect(Self.read([0]) == [:])
        #expect(Self.read([2, 1, 2, 7, 8, 5, 0]) == [1: [7, 8], 5: []])
    }

    @Test(
        "are refused where they descend, repeat, end early or are too many",
        arguments: [
            [2, 5, 0, 1, 0], [2, 1, 0, 1, 0], [1, 1, 3, 7], [2, 1, 0], [], [0xff, 0xff, 0x7f],
        ] as [[UInt8]])
    func refusals(bytes: [UInt8]) {
        #expect(Self.read(bytes) == nil)
    }

    @Test("a field that is not read to its end is refused")
    func size() {
        var reader = ByteReader(ByteSlice([1, 0, 4, 0, 0, 0, 1]))
        #expect(throws: DecodeError(.invalidTaggedField)) {
            var fields = try reader.readTaggedFields()
            _ = try reader.nextTaggedField(&fields)
            _ = try reader.readInt16()
            _ = try reader.nextTaggedField(&fields)
        }
    }

    @Test("get their size before the content that was written, however long", arguments: [0, 1, 127, 128, 20_000])
    func writing(size: Int) {
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        var writer = ByteWriter(capacity: 4)
        writer.writeUnsignedVarint(1)
        let start = writer.beginTaggedField(300)
        writer.writeRaw(ByteSlice(content))
        writer.endTaggedField(from: start)
        #expect(Self.read(writer.finish().array) == [300: content])
    }
}
