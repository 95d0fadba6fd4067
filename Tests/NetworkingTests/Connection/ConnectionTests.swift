import ApusCore
import EventLoop
import Glibc
import KafkaPrimitives
import Networking
import Synchronization
import Testing

@Suite("Connection")
struct ConnectionTests {
    @Test("requests that come byte by byte, at once, and split anywhere are answered alike")
    func framing() throws {
        let test = try TestNetwork()
        let handler = TestHandler.echo()
        let listener = try test.listen(handler)
        let payloads: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 300), [9]]
        let stream = payloads.flatMap { frame($0) }
        let dripped = RawClient(port: listener.port)
        for byte in stream { dripped.send([byte]) }
        for payload in payloads { #expect(dripped.receiveFrame() == payload) }
        for split in stride(from: 0, through: stream.count, by: 13) {
            let client = RawClient(port: listener.port)
            client.send(Array(stream[..<split]))
            client.send(Array(stream[split...]))
            for payload in payloads { #expect(client.receiveFrame() == payload, "split at \(split)") }
        }
    }

    @Test("frames of every size arrive whole, pipelined or not")
    func sizes() throws {
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo())
        let client = RawClient(port: listener.port)
        for size in [0, 1, 16_380, 16_384, 65_536, 1_048_571, 1_048_576, 1_100_000, 3_000_000, 20_000_000] {
            var payload = [UInt8](repeating: 0, count: size)
            for index in stride(from: 0, to: size, by: 997) { payload[index] = UInt8(truncatingIfNeeded: index / 997) }
            let sender = Thread { [payload] in client.send(frame(payload) + frame([1])) }
            #expect(client.receiveFrame() == payload)
            #expect(client.receiveFrame() == [1])
            sender.join()
        }
    }

    @Test(
        "a large frame is complete with its last byte, however unevenly its bytes come",
        arguments: 0..<8 as Range<UInt64>)
    func unevenPieces(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo())
        let client = RawClient(port: listener.port)
        for _ in 0..<4 {
            let payload = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: 1_000_000)
            let bytes = frame(payload)
            var ends = [0]
            while let last = ends.last, last < bytes.count {
                let most = Bool.random(using: &random) ? 400_000 : 5_000
                ends.append(min(bytes.count, last + Int.random(in: 1...most, using: &random)))
            }
            let sender = Thread { [ends] in
                for (start, end) in zip(ends, ends.dropFirst()) { client.send(Array(bytes[start..<end])) }
            }
            #expect(client.receiveFrame() == payload)
            sender.join()
        }
    }

    @Test("a frame that is kept is not changed by what comes after it")
    func keptFrames() throws {
        let test = try TestNetwork()
        let kept = Mutex<[ByteSlice]>([])
        let handler = TestHandler { frame, slot, connection in
            kept.withLock { $0.append(frame) }
            connection.skipResponse(slot)
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        let payloads = (0..<2_000).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 100 + $0 % 300) }
        for payload in payloads { client.send(frame(payload)) }
        poll(until: "all frames arrived") { kept.withLock { $0.count } == payloads.count }
        #expect(kept.withLock { $0.map(\.array) } == payloads)
    }

    @Test("answers given from other threads and out of order leave in the order of the requests")
    func order() throws {
        let test = try TestNetwork()
        let waiting = Mutex<[(ResponseSlot, ByteSlice)]>([])
        let handler = TestHandler(reportsSent: true) { frame, slot, connection in
            let batch = waiting.withLock { waiting in
                waiting.append((slot, frame))
                guard waiting.count == 8 else { return [(ResponseSlot, ByteSlice)]() }
                defer { waiting.removeAll() }
                return waiting
            }
            guard !batch.isEmpty else { return }
            let sender = Thread {
                for (slot, frame) in batch.reversed() {
                    if frame.array == [5] {
                        connection.skipResponse(slot)
                    } else {
                        connection.respond(slot, writer(of: frame))
                    }
                }
            }
            sender.join()
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        client.send((0..<8).flatMap { frame([UInt8($0)]) })
        for payload in [0, 1, 2, 3, 4, 6, 7] as [UInt8] { #expect(client.receiveFrame() == [payload]) }
        poll(until: "all answers were reported") { handler.journal.entries.contains(.sent(7)) }
        let sent = handler.journal.entries.compactMap { if case .sent(let slot) = $0 { slot } else { nil } }
        #expect(sent == [0, 1, 2, 3, 4, 6, 7])
    }

    @Test("a bad length closes the connection and says why")
    func badLengths() throws {
        let test = try TestNetwork()
        let handler = TestHandler.echo()
        let listener = try test.listen(handler) { $0.frameBytesMax = 1000 }
        let negative = RawClient(port: listener.port)
        negative.send([0xff, 0xff, 0xff, 0xfe])
        #expect(negative.receive(1) == [])
        poll(until: "the end was reported") { handler.journal.entries.count == 2 }
        let large = RawClient(port: listener.port)
        large.send(frame([3]) + [0, 0, 3, 0xe9])
        #expect(large.receiveFrame() == [3])
        #expect(large.receive(1) == [])
        poll(until: "both ends were reported") { handler.journal.entries.count == 5 }
        #expect(
            handler.journal.entries == [
                .opened, .closed(.badFrame(.negativeLength(-2))),
                .opened, .frame([3]), .closed(.badFrame(.tooLarge(length: 1001, limit: 1000))),
            ])
    }

    @Test("a peer that vanishes is noticed at once, while its request waits or nothing is read")
    func vanishing() throws {
        let test = try TestNetwork()
        let handler = TestHandler { frame, _, connection in
            if frame.array == [2] { connection.mute() }
        }
        let listener = try test.listen(handler)
        for (request, abrupt) in [([1], false), ([1], true), ([2], false), ([2], true)] as [([UInt8], Bool)] {
            let seen = handler.journal.entries.count
            let client = RawClient(port: listener.port)
            client.send(frame(request))
            poll(until: "the request arrived") { handler.journal.entries.count == seen + 2 }
            if abrupt { client.abort() } else { client.disconnect() }
            poll(until: "the end was noticed") { handler.journal.entries.count == seen + 3 }
        }
    }

    @Test("what a peer sent before it closed is delivered, though it is throttled")
    func sentBeforeClose() throws {
        let test = try TestNetwork()
        let handler = TestHandler { frame, slot, connection in
            connection.skipResponse(slot)
            if frame.array == [1] { connection.mute() }
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        client.send(frame([1]))
        poll(until: "the connection is muted") { handler.journal.frames == [[1]] }
        client.send(frame([2]) + frame([3]))
        client.disconnect()
        handler.opened[0].unmute()
        poll(until: "the end was noticed") { handler.journal.entries.count == 5 }
        #expect(handler.journal.entries == [.opened, .frame([1]), .frame([2]), .frame([3]), .closed(.peerClosed)])
    }

    @Test("a peer that has finished sending still gets the answers that are ready")
    func halfClose() throws {
        let test = try TestNetwork()
        let listener = try test.listen(TestHandler.echo())
        let client = RawClient(port: listener.port)
        client.send(frame([1]) + frame([2]))
        client.finishSending()
        #expect(client.receiveFrame() == [1])
        #expect(client.receiveFrame() == [2])
        #expect(client.receive(1) == [])
    }

    @Test("no more requests are read than may be outstanding; the rest follows the answers")
    func pipeline() throws {
        let test = try TestNetwork()
        let slots = Mutex<[ResponseSlot]>([])
        let handler = TestHandler { _, slot, _ in slots.withLock { $0.append(slot) } }
        let listener = try test.listen(handler) { $0.pipelineMax = 4 }
        let client = RawClient(port: listener.port)
        client.send((0..<10).flatMap { frame([UInt8($0)]) })
        var answered = 0
        while answered < 10 {
            let arrived = min(10, answered + 4)
            poll(until: "the bound was reached") { slots.withLock { $0.count } == arrived }
            for index in answered..<arrived {
                handler.opened[0].respond(slots.withLock { $0[index] }, writer(of: ByteSlice([UInt8(index)])))
            }
            for index in answered..<arrived { #expect(client.receiveFrame() == [UInt8(index)]) }
            answered = arrived
        }
        #expect(handler.journal.frames == (0..<10).map { [UInt8($0)] })
    }

    @Test("a peer that does not read its answers is not read from")
    func unread() throws {
        let test = try TestNetwork()
        let large = ByteSlice([UInt8](repeating: 1, count: 1_000_000))
        let handler = TestHandler { _, slot, connection in connection.respond(slot, writer(of: large)) }
        let listener = try test.listen(handler) { $0.unsentBytesMax = 2_000_000 }
        let client = RawClient(port: listener.port)
        client.send((0..<60).flatMap { _ in frame([0]) })
        poll(until: "the answers back up") { handler.journal.frames.count > 2 }
        for _ in 0..<60 { #expect(client.receiveFrame()?.count == 1_000_000) }
        #expect(handler.journal.frames.count == 60)
    }

    @Test("what was answered before an orderly close leaves, and nothing is read after it")
    func closeWhenSent() throws {
        let test = try TestNetwork()
        let large = ByteSlice([UInt8](repeating: 1, count: 8_000_000))
        let handler = TestHandler { _, slot, connection in
            connection.respond(slot, writer(of: large))
            connection.closeWhenSent(.requested("done"))
        }
        let listener = try test.listen(handler)
        let client = RawClient(port: listener.port)
        client.send(frame([0]))
        #expect(client.receiveFrame()?.count == 8_000_000)
        #expect(client.receive(1) == [])
        poll(until: "the end was reported") { handler.journal.entries.last == .closed(.requested("done")) }
    }

    @Test("a silent connection is closed after its time, one that waits for an answer is not")
    func idle() throws {
        let test = try TestNetwork()
        let handler = TestHandler { _, _, _ in }
        let listener = try test.listen(handler) { $0.idleMax = .milliseconds(30) }
        let waiting = RawClient(port: listener.port)
        waiting.send(frame([1]))
        poll(until: "the request arrived") { handler.journal.frames.count == 1 }
        let silent = RawClient(port: listener.port)
        #expect(silent.receive(1) == [])
        poll(until: "the end was reported") { handler.journal.entries.contains(.closed(.idle)) }
        #expect(handler.journal.entries == [.opened, .frame([1]), .opened, .closed(.idle)])
    }
}
