import FileSystem
import KafkaPrimitives
import SimulatedStorage
import Testing

@Suite("The cache of open files")
struct OpenFileCacheTests {
    @Test("no more files stay open than the capacity, and each can be used at any time")
    func bounded() throws {
        let fileSystem = SimulatedFileSystem()
        let cache = OpenFileCache(fileSystem: fileSystem, capacity: 3)
        let slots = (0..<10).map { FileSlot(path: "/f\($0)", cache: cache) }
        for (index, slot) in slots.enumerated() { try slot.create().write([UInt8(index)], at: 0) }
        for _ in 0..<3 {
            for (index, slot) in slots.enumerated() {
                #expect(try slot.file().readSlice(at: 0, count: 1).array == [UInt8(index)])
                #expect(cache.openCount <= 3)
            }
        }
    }

    @Test("a file that was renamed is found under its new name after it was closed")
    func renamed() throws {
        let cache = OpenFileCache(fileSystem: SimulatedFileSystem(), capacity: 1)
        let slot = FileSlot(path: "/a", cache: cache)
        try slot.create().write([1, 2], at: 0)
        try slot.rename(to: "/b")
        slot.close()
        #expect(cache.openCount == 0)
        #expect(try slot.file().readSlice(at: 0, count: 9).array == [1, 2])
    }
}
