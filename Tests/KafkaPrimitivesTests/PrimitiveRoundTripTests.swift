import KafkaPrimitives
import Testing

@Suite("Primitive types")
struct PrimitiveRoundTripTests {
    @Test("variable-length integers survive at every width", arguments: 0..<64)
    func varints(bit: Int) throws {
        for value in [UInt64(1) << bit, (UInt64(1) << bit) - 1] {
            var writer = ByteWriter()
            writer.writeUnsignedVarlong(value)
            writer.writeVarlong(Int64(bitPattern: value))
            #expect(writer.count >= ByteWriter.unsignedVarlongSize(value))
            var reader = ByteReader(writer.finish())
            #expect(try reader.readUnsignedVarlong() == value)
            #expect(try reader.readVarlong() == Int64(bitPattern: value))
            try reader.expectEnd()
        }
    }

    @Test("a varint that does not fit 32 bits is refused")
    func wideVarint() {
        var reader = ByteReader(ByteSlice([0xff, 0xff, 0xff, 0xff, 0x7f]))
        #expect(throws: DecodeError(.invalidVarint)) { try reader.readUnsignedVarint() }
    }

    @Test("strings, bytes and nulls survive in both forms", arguments: [false, true])
    func strings(compact: Bool) throws {
        var writer = ByteWriter(capacity: 1)
        writer.writeString("épée", compact: compact)
        writer.writeNullableString(nil, compact: compact)
        writer.writeNullableBytes(ByteSlice([1, 2, 3]), compact: compact)
        writer.writeNullableBytes(nil, compact: compact)
        var reader = ByteReader(writer.finish())
        #expect(try reader.readString(compact: compact) == "épée")
        #expect(try reader.readNullableString(compact: compact) == nil)
        #expect(try reader.readBytes(compact: compact).array == [1, 2, 3])
        #expect(try reader.readNullableBytes(compact: compact) == nil)
        try reader.expectEnd()
    }

    @Test("a length beyond the bytes left is refused before memory is taken")
    func hostileLength() {
        var array = ByteReader(ByteSlice([0x7f, 0xff, 0xff, 0xff]))
        #expect(throws: DecodeError(.invalidLength)) { try array.readArrayCount(compact: false) }
        var bytes = ByteReader(ByteSlice([0x00, 0xff, 0xff, 0xff]))
        #expect(throws: DecodeError(.truncated)) { try bytes.readBytes(compact: false) }
    }
}
