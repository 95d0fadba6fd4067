import ApusCore
import KafkaRecords
import LogStorage
import SimulatedStorage
import Testing

/// Indexes have no checksum: bits of them turn unnoticed.
@Suite("A log whose index has rotted")
struct RottenIndexTests {
    private static let batchCount = 24

    @Test func `no turned bit of an index lets a read pass over records`() throws {
        let fileSystem = SimulatedFileSystem()
        var fixture = try LogFixture(fileSystem)
        fixture.configuration.segmentBytes = 2000
        let log = try fixture.open()
        for index in 0..<Self.batchCount { try log.append(1 + index % 3, valueSize: 60) }
        try log.close()
        let path = "\(fixture.folder)/00000000000000000000.index"
        let size = try #require(fileSystem.content(of: path)).count
        #expect(size > 3 * 8)
        for place in 0..<size {
            for mask in (0..<8).map({ UInt8(1) << $0 }) {
                fileSystem.corrupt(path, at: place, flipping: mask)
                let opened = try fixture.open(isClean: true)
                for offset in 0..<opened.logEndOffset.rawValue {
                    let first = try opened.headers(from: Offset(offset), maxBytes: 200).first
                    #expect(
                        first.map { $0.baseOffset <= Offset(offset) && Offset(offset) <= $0.lastOffset } ?? false,
                        "byte \(place), mask \(mask), offset \(offset): \(first?.baseOffset ?? -1)")
                }
                fileSystem.corrupt(path, at: place, flipping: mask)
            }
        }
    }
}
