import ApusCore
import KafkaPrimitives
import KafkaProtocol
import KafkaRecords
import Quorum
import Raft
import Testing

@Suite("Records in a leader's answer")
struct FetchedRecordsTests {
    private static let translator = QuorumTranslator(clusterID: "cluster", localID: 1, endpoints: [:])

    private static func batch(at offset: Offset, count: Int = 2, epoch: LeaderEpoch) throws -> [UInt8] {
        var options = RecordBatchBuilder.Options()
        options.baseOffset = offset
        options.leaderEpoch = epoch
        var builder = RecordBatchBuilder(options)
        for _ in 0..<count { builder.append(timestamp: 5, key: nil, value: ByteSlice([1, 2, 3])) }
        return try #require(try builder.finish(scratch: CompressionScratch())).array
    }

    /// What the machine is told of an answer of a leader in epoch 4 that carries these bytes.
    private static func content(_ bytes: [UInt8]) throws -> RaftResponse.Content {
        let response = RaftResponse.fetch(
            .init(leaderID: 2, epoch: 4), .init(highWatermark: 1, logStartOffset: 0, content: .nothing))
        let wire = Self.translator.wire(response, payload: .bytes(ByteSlice(bytes)))
        guard case .fetch(_, let fetched)? = try Self.translator.raft(wire.reencoded())?.response else {
            throw Unexpected()
        }
        return fetched.content
    }

    private struct Unexpected: Error {}

    @Test("whole batches without gaps count, up to the first that does not continue them")
    func prefix() throws {
        let first = try Self.batch(at: 10, epoch: 3)
        #expect(try Self.content([]) == .nothing)
        #expect(try Self.content(first) == .records(10..<12))
        #expect(try Self.content(first + Self.batch(at: 12, epoch: 4)) == .records(10..<14))
        #expect(try Self.content(first + Self.batch(at: 12, epoch: 4).dropLast()) == .records(10..<12))
        #expect(try Self.content(Array(first.dropLast())) == .nothing)
        #expect(try Self.content(first + Self.batch(at: 13, epoch: 4)) == .records(10..<12))
        #expect(try Self.content(first + Self.batch(at: 11, epoch: 4)) == .records(10..<12))
    }

    @Test("epochs may neither go back nor be above the leader's")
    func epochs() throws {
        let first = try Self.batch(at: 10, epoch: 3)
        #expect(try Self.content(first + Self.batch(at: 12, epoch: 2)) == .records(10..<12))
        #expect(try Self.content(first + Self.batch(at: 12, epoch: 5)) == .records(10..<12))
        #expect(try Self.content(Self.batch(at: 10, epoch: 5)) == .nothing)
        #expect(try Self.content(Self.batch(at: 10, epoch: -1)) == .nothing)
    }

    @Test("bytes that are no batch end what counts")
    func damage() throws {
        let first = try Self.batch(at: 10, epoch: 3)
        #expect(try Self.content(first + [UInt8](repeating: 0xff, count: 100)) == .records(10..<12))
        #expect(try Self.content([UInt8](repeating: 0xff, count: 100)) == .nothing)
    }
}
