import ApusCore
import KafkaPrimitives
import Networking
import Synchronization
import Testing

@Suite("Pieces of files in answers")
struct FileRegionTests {
    private static let sizes = [1, 1_000, 40_000, 65_535, 65_536, 300_000, 2_000_000]

    private static func range(_ index: Int) -> Range<Int> { index * 100..<index * 100 + Self.sizes[index] }

    /// An answer with a piece of every size.
    private static func answer(from file: TestFile) -> ByteWriter {
        var writer = ByteWriter()
        for index in Self.sizes.indices {
            writer.writeInt8(Int8(index))
            writer.writeRecords(.file(file.region(Self.range(index))), compact: false)
        }
        writer.writeInt8(99)
        return writer
    }

    /// That answer on the wire.
    private static func wire(from file: TestFile) -> [UInt8] {
        Self.sizes.indices.flatMap { index in
            [UInt8(index)] + withUnsafeBytes(of: UInt32(Self.sizes[index]).bigEndian) { Array($0) }
                + file.bytes[Self.range(index)]
        } + [99]
    }

    @Test(
        "pieces of every size arrive between their bytes, from the page cache or from the disk", arguments: [0, 1, 2])
    func plain(coolings: Int) throws {
        let test = try TestNetwork()
        let file = try TestFile(count: 2_100_000)
        let handler = TestHandler(reportsSent: true) { _, slot, connection in
            connection.respond(slot, Self.answer(from: file))
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        let expected = Self.wire(from: file)
        for _ in 0...coolings {
            if coolings > 0 { file.cool() }
            client.send(frame([0]) + frame([1]))
            #expect(client.receiveFrame() == expected)
            #expect(client.receiveFrame() == expected)
        }
    }

    @Test("they arrive through TLS as well", arguments: [false, true])
    func secured(isCold: Bool) throws {
        let certificates = try TestCertificates()
        let test = try TestNetwork()
        let file = try TestFile(count: 2_100_000)
        let handler = TestHandler { _, slot, connection in
            connection.respond(slot, Self.answer(from: file))
        }
        var server = TLSConfiguration()
        server.identity = .pemFile(path: try certificates.pem("server"), password: nil)
        let source = try TLSContextSource(server, side: .server)
        let listener = try test.listen(handler) { configuration in
            configuration.security = .ssl
            configuration.tls = source
        }
        if isCold { file.cool() }
        var trusting = TLSConfiguration()
        trusting.trust = .pemFile(path: certificates.path("ca.crt"))
        var configuration = OutgoingConfiguration(host: "127.0.0.1", port: listener.port)
        configuration.tls = try TLSContextSource(trusting, side: .client)
        let client = TestOutgoingHandler { connection in
            for _ in 0..<3 { connection.send(writer(of: ByteSlice([0]))) }
        }
        OutgoingConnection.connect(configuration, network: test.network, handler: client)
        poll(until: "the answers arrived") { client.journal.frames.count == 3 }
        let expected = Self.wire(from: file)
        #expect(client.journal.frames == [expected, expected, expected])
    }

    @Test("a file that has become shorter than promised ends the connection", arguments: [1_000, 100_000])
    func truncated(size: Int) throws {
        let test = try TestNetwork()
        let file = try TestFile(count: 200_000)
        let handler = TestHandler { _, slot, connection in
            file.truncate(to: size / 2)
            var writer = ByteWriter()
            writer.writeRecords(.file(file.region(0..<size)), compact: false)
            connection.respond(slot, writer)
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        client.send(frame([0]))
        #expect(client.receiveFrame() == nil)
        poll(until: "the end was reported") { handler.journal.entries.last == .closed(.fileTruncated) }
    }

    @Test("the kernel's hand is reported only when the whole answer has left")
    func reported() throws {
        let test = try TestNetwork()
        let file = try TestFile(count: 20_000_000)
        let handler = TestHandler(reportsSent: true) { _, slot, connection in
            var writer = ByteWriter()
            writer.writeRecords(.file(file.region(0..<20_000_000)), compact: false)
            connection.respond(slot, writer)
        }
        let listener = try test.listen(handler) { $0.sendBufferBytes = 100_000 }
        let client = RawClient(port: listener.port)
        client.send(frame([0]))
        #expect(client.receive(4_000_000).count == 4_000_000)
        #expect(handler.journal.entries == [.opened, .frame([0])])
        #expect(client.receive(16_000_008).count == 16_000_008)
        poll(until: "the answer was reported") { handler.journal.entries.last == .sent(0) }
    }
}
