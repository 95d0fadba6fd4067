import FileSystem
import Glibc
import KafkaPrimitives
import SimulatedStorage
import Testing

@Suite("The simulated disk")
struct SimulatedFileSystemTests {
    private let fileSystem = SimulatedFileSystem()

    private func content(_ path: String) throws -> [UInt8]? {
        try self.fileSystem.contents(of: path, maxBytes: 1000)?.array
    }

    /// What is found of a file over many losses of power.
    private func outcomes(_ path: String, _ prepare: (SimulatedFileSystem) throws -> Void) throws -> Set<[UInt8]?> {
        var found: Set<[UInt8]?> = []
        for seed in 0..<200 as Range<UInt64> {
            let fileSystem = SimulatedFileSystem()
            try prepare(fileSystem)
            fileSystem.restartAfterPowerLoss(seed: seed)
            found.insert(try fileSystem.contents(of: path, maxBytes: 1000)?.array)
        }
        return found
    }

    @Test("what file and folder synchronized survives a power loss, always")
    func durable() throws {
        let found = try self.outcomes("/a") { fileSystem in
            let file = try fileSystem.open("/a", .createNew)
            try file.write([1, 2, 3], at: 0)
            try file.synchronize()
            try fileSystem.synchronizeDirectory("/")
        }
        #expect(found == [[1, 2, 3]])
    }

    @Test("a file whose folder is not synchronized may be gone")
    func unnamed() throws {
        let found = try self.outcomes("/a") { fileSystem in
            let file = try fileSystem.open("/a", .createNew)
            try file.write([1], at: 0)
            try file.synchronize()
        }
        #expect(found == [nil, [1]])
    }

    @Test("unsynchronized writes survive in any combination, and torn")
    func torn() throws {
        let found = try self.outcomes("/a") { fileSystem in
            let file = try fileSystem.open("/a", .createNew)
            try file.synchronize()
            try fileSystem.synchronizeDirectory("/")
            try file.write([1, 1], at: 0)
            try file.write([2, 2], at: 2)
        }
        #expect(found.isSuperset(of: [[], [1, 1], [1, 1, 2, 2], [0, 0, 2, 2], [1], [1, 1, 2]]))
    }

    @Test("a rename that is not synchronized leaves the old file or the new, never none")
    func rename() throws {
        let found = try self.outcomes("/a") { fileSystem in
            try fileSystem.replaceContents(of: "/a", with: [1])
            let file = try fileSystem.open("/b", .createNew)
            try file.write([2], at: 0)
            try file.synchronize()
            try fileSystem.rename("/b", to: "/a")
        }
        #expect(found == [[1], [2]])
    }

    @Test("nothing is lost when the process is killed")
    func kill() throws {
        try self.fileSystem.open("/a", .createNew).write([1, 2], at: 1)
        self.fileSystem.restartAfterKill()
        #expect(try self.content("/a") == [0, 1, 2])
    }

    @Test("the process dies at the operation that was chosen, and its files with it")
    func crash() throws {
        let file = try self.fileSystem.open("/a", .createNew)
        self.fileSystem.crash(afterOperations: 1)
        try file.write([1], at: 0)
        #expect(throws: FileSystemError(.write, errno: EIO, path: "")) { try file.write([2, 2, 2, 2], at: 1) }
        #expect(self.fileSystem.isCrashed)
        #expect(throws: FileSystemError(.read, errno: EIO, path: "")) { try file.readSlice(at: 0, count: 1) }
        self.fileSystem.restartAfterKill()
        #expect(throws: FileSystemError(.read, errno: EBADF, path: "")) { try file.readSlice(at: 0, count: 1) }
        #expect(try #require(try self.content("/a")).starts(with: [1]))
    }

    @Test("a full disk takes what fits, and operations fail as told")
    func failures() throws {
        let file = try self.fileSystem.open("/a", .createNew)
        self.fileSystem.limit(bytes: 3)
        #expect(throws: FileSystemError(.write, errno: ENOSPC, path: "")) { try file.write([1, 2, 3, 4], at: 0) }
        #expect(try self.content("/a") == [1, 2, 3])
        self.fileSystem.fail(.synchronize, errno: EIO)
        #expect(throws: FileSystemError(.synchronize, errno: EIO, path: "")) { try file.synchronize() }
        self.fileSystem.fail(.synchronize, errno: 0)
        try file.synchronize()
    }
}
