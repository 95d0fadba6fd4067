import FileSystem
import Foundation
import Glibc
import KafkaPrimitives
import Testing

@Suite("The operating system's files")
struct PosixFileSystemTests {
    private let fileSystem = PosixFileSystem()

    /// Runs `body` with a folder of its own.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "apus-file-\(UUID().uuidString)").path
        try self.fileSystem.createDirectory(folder)
        defer {
            do {
                try self.fileSystem.removeTree(folder)
            } catch {
                Issue.record("left behind: \(folder): \(error)")
            }
        }
        try body(folder)
    }

    @Test("more pieces than one system call takes are written in order, at a position")
    func gathered() throws {
        try self.withFolder { folder in
            let file = try self.fileSystem.open("\(folder)/a", .createNew)
            let slices = (0..<2500).map { ByteSlice([UInt8](repeating: UInt8($0 % 251), count: $0 % 3)) }
            var gathered = GatheredBytes()
            for slice in slices { gathered.append(slice) }
            try withExtendedLifetime(slices) { try file.write(gathered, at: 5) }
            let expected = [0, 0, 0, 0, 0] + slices.flatMap(\.array)
            #expect(try file.readSlice(at: 0, count: 10_000).array == expected)
            #expect(try file.size() == Int64(expected.count))
            #expect(gathered.count == expected.count - 5)
            try file.synchronize()
            try file.truncate(to: 7)
            #expect(try file.readSlice(at: 5, count: 100).array == [1, 2])
            #expect(file.isResident(at: 0))
        }
    }

    @Test("a file stays readable after it was renamed and removed")
    func removed() throws {
        try self.withFolder { folder in
            let file = try self.fileSystem.open("\(folder)/a", .createIfAbsent)
            try file.write([1, 2, 3], at: 0)
            try self.fileSystem.rename("\(folder)/a", to: "\(folder)/b")
            #expect(try self.fileSystem.attributes("\(folder)/a") == nil)
            #expect(try self.fileSystem.attributes("\(folder)/b")?.size == 3)
            try self.fileSystem.remove("\(folder)/b")
            #expect(try file.readSlice(at: 0, count: 3).array == [1, 2, 3])
        }
    }

    @Test("each mode of opening does what it says")
    func modes() throws {
        try self.withFolder { folder in
            let path = "\(folder)/a"
            #expect(throws: FileSystemError(.open, errno: ENOENT, path: path)) {
                try self.fileSystem.open(path, .readWrite)
            }
            try self.fileSystem.open(path, .createNew).write([1, 2], at: 0)
            #expect(throws: FileSystemError(.open, errno: EEXIST, path: path)) {
                try self.fileSystem.open(path, .createNew)
            }
            #expect(try self.fileSystem.open(path, .createIfAbsent).size() == 2)
            let readOnly = try self.fileSystem.open(path, .readOnly)
            #expect(throws: FileSystemError(.write, errno: EBADF, path: path)) { try readOnly.write([1], at: 0) }
            #expect(try self.fileSystem.open(path, .createOrTruncate).size() == 0)
        }
    }

    @Test("whole files are replaced, and read up to a limit")
    func wholeFiles() throws {
        try self.withFolder { folder in
            let path = "\(folder)/checkpoint"
            #expect(try self.fileSystem.contents(of: path, maxBytes: 10) == nil)
            for text in ["first", "2"] {
                try self.fileSystem.replaceContents(of: path, with: Array(text.utf8))
                #expect(try self.fileSystem.contents(of: path, maxBytes: 10)?.array == Array(text.utf8))
            }
            try self.fileSystem.replaceContents(of: path, with: Array("third, longer".utf8), durable: false)
            #expect(throws: FileSystemError(.read, errno: EFBIG, path: path)) {
                try self.fileSystem.contents(of: path, maxBytes: 10)
            }
            #expect(try self.fileSystem.list(folder) == [.init(name: "checkpoint", isDirectory: false)])
        }
    }

    @Test("a lock is held by one, until it is let go")
    func lock() throws {
        try self.withFolder { folder in
            let path = "\(folder)/.lock"
            do {
                let held = try self.fileSystem.lock(path)
                #expect(throws: FileSystemError(.lock, errno: EWOULDBLOCK, path: path)) {
                    try self.fileSystem.lock(path)
                }
                withExtendedLifetime(held) {}
            }
            _ = try self.fileSystem.lock(path)
        }
    }

    @Test("a folder tells what it holds, in order")
    func folders() throws {
        try self.withFolder { folder in
            try self.fileSystem.createDirectory("\(folder)/b")
            _ = try self.fileSystem.open("\(folder)/a", .createNew)
            try self.fileSystem.synchronizeDirectory(folder)
            #expect(
                try self.fileSystem.list(folder) == [
                    .init(name: "a", isDirectory: false), .init(name: "b", isDirectory: true),
                ])
            #expect(throws: FileSystemError(.list, errno: ENOENT, path: "")) {
                try self.fileSystem.list("\(folder)/none")
            }
            let volume = try self.fileSystem.volume(of: folder)
            #expect(volume.usable > 0 && volume.usable <= volume.total)
            #expect(FileSystemPort.parent(of: "/a/b") == "/a")
            #expect(FileSystemPort.parent(of: "/a") == "/")
            #expect(FileSystemPort.parent(of: "a") == ".")
        }
    }
}
