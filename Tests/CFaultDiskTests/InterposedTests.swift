import Glibc
import Testing

@Suite("A disk at fault")
struct InterposedTests {
    private static let writes = ["write", "writev", "pwrite", "pwrite64", "pwritev", "rewrite", "posix_fallocate"]
    private static let synchronizations = ["fsync", "fdatasync"]

    private static func with(_ body: (ProbedDisk) throws -> Void) throws {
        let disk = try ProbedDisk()
        try body(disk)
        try disk.end()
    }

    @Test("is in good order while its control file is absent, empty, or not named")
    func none() throws {
        for hasControl in [true, false] {
            let disk = try ProbedDisk(hasControl: hasControl)
            for call in Self.writes + Self.synchronizations + ["ftruncate"] {
                #expect(try disk.call(call, "disk/file", 100).error == 0, "\(call)")
            }
            try disk.ask("")
            #expect(try disk.call("write", "disk/file", 100).error == 0)
            try disk.end()
        }
    }

    @Test("makes every kind of write wait, and nothing else", arguments: Self.writes + ["ftruncate"])
    func slowWrite(call: String) throws {
        try Self.with { disk in
            try disk.ask("slow-write 80")
            let answer = try disk.call(call, "disk/file", 100)
            #expect(answer.error == 0)
            #expect(answer.milliseconds >= 80)
            #expect(try disk.call(call, "elsewhere/file", 100).milliseconds < 80)
        }
    }

    @Test("makes synchronizing wait, of folders too", arguments: Self.synchronizations)
    func slowSynchronization(call: String) throws {
        try Self.with { disk in
            try disk.ask("slow-fsync 80")
            for path in ["disk/file", "disk"] {
                let answer = try disk.call(call, path)
                #expect(answer.error == 0)
                #expect(answer.milliseconds >= 80)
            }
        }
    }

    @Test("fails to synchronize with the error asked for", arguments: Self.synchronizations)
    func failingSynchronization(call: String) throws {
        try Self.with { disk in
            for (text, error) in [("EIO", EIO), ("ENOSPC", ENOSPC), ("EDQUOT", EDQUOT), ("30", EROFS)] {
                try disk.ask("fail-fsync \(text)")
                #expect(try disk.call(call).error == error)
                #expect(try disk.call(call, "elsewhere/file").error == 0)
                #expect(try disk.call("write", "disk/file", 10).error == 0)
            }
        }
    }

    @Test("without room takes no byte more, no file and no folder, but new bytes for old")
    func full() throws {
        try Self.with { disk in
            #expect(try disk.call("write", "disk/file", 1000).error == 0)
            try disk.ask("full")
            for call in Self.writes where call != "rewrite" {
                #expect(try disk.call(call, "disk/file", 100).error == ENOSPC, "\(call)")
                #expect(try disk.call(call, "elsewhere/file", 100).error == 0, "\(call)")
            }
            #expect(try disk.call("rewrite", "disk/file", 1000).error == 0)
            #expect(try disk.call("rewrite", "disk/file", 1001).error == ENOSPC)
            #expect(try disk.call("ftruncate", "disk/file", 2000).error == ENOSPC)
            #expect(try disk.call("ftruncate", "disk/file", 500).error == 0)
            #expect(try disk.call("open", "disk/new").error == ENOSPC)
            #expect(try disk.call("mkdir", "disk/folder").error == ENOSPC)
            #expect(try disk.call("fsync", "disk/file").error == 0)
        }
    }

    @Test("may have several faults at once, and recovers as soon as its control file says so")
    func changes() throws {
        try Self.with { disk in
            #expect(try disk.call("write", "disk/file", 10).error == 0)
            try disk.ask("# both", "fail-fsync EIO", "full")
            #expect(try disk.call("write", "disk/file", 10).error == ENOSPC)
            #expect(try disk.call("fsync").error == EIO)
            try disk.ask("full")
            #expect(try disk.call("fsync").error == 0)
            try disk.removeControl()
            #expect(try disk.call("write", "disk/file", 10).error == 0)
        }
    }
}
