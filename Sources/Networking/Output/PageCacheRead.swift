import CSystem
import EventLoop
import Glibc
import KafkaPrimitives

/// Reads files on a loop without waiting for the disk: what is not in memory is reported, and read elsewhere.
enum PageCacheRead {
    /// Bytes that one trip to the disk reads for a connection; twice as many are asked for ahead.
    static let coldBytesMax = 1024 * 1024

    enum Result {
        case complete
        case cold
        case failed(CloseReason)
    }

    /// All of `region` into `target`.
    static func read(_ region: FileRegion, into target: UnsafeMutableRawPointer, isWarm: Bool) -> Result {
        guard region.descriptor >= 0 else { return self.readMemory(region, into: target, isWarm: isWarm) }
        if !isWarm {
            let count = apus_pread_nowait(region.descriptor, target, region.count, region.offset)
            if count == region.count { return .complete }
            // Anything else the plain read below tells apart: a short file, an error, a file system without the flag.
            if count == -Int(EAGAIN) || count > 0 { return .cold }
        }
        var done = 0
        while done < region.count {
            let count = apus_pread(
                region.descriptor, target + done, region.count - done, region.offset + Int64(done))
            if count < 0 { return .failed(.failed(SystemError(number: Int32(-count), operation: "pread"))) }
            if count == 0 { return .failed(.fileTruncated) }
            done += count
        }
        return .complete
    }

    /// The same for a file of a file system that has no descriptors.
    private static func readMemory(
        _ region: FileRegion, into target: UnsafeMutableRawPointer, isWarm: Bool
    ) -> Result {
        guard let file = region.owner as? any RegionFile else {
            return .failed(.failed(SystemError(number: EBADF, operation: "pread")))
        }
        if !isWarm, !file.isResident(at: region.offset) { return .cold }
        let room = UnsafeMutableRawBufferPointer(start: target, count: region.count)
        let count = file.readRegion(into: room, at: region.offset)
        if count < 0 { return .failed(.failed(SystemError(number: Int32(-count), operation: "pread"))) }
        return count == region.count ? .complete : .failed(.fileTruncated)
    }

    /// Whether the first and the last byte of `region` are in memory, or that cannot be told.
    static func isResident(_ region: FileRegion) -> Bool {
        guard region.descriptor >= 0 else {
            return (region.owner as? any RegionFile)?.isResident(at: region.offset) ?? true
        }
        var byte: UInt8 = 0
        for offset in [region.offset, region.offset + Int64(region.count) - 1]
        where apus_pread_nowait(region.descriptor, &byte, 1, offset) == -Int(EAGAIN) {
            return false
        }
        return true
    }

    /// Reads the front of `region` into the page cache and asks for what follows; waits for the disk.
    ///
    /// - Returns: how many bytes are there now; 0 where the file cannot be read, which sending will find out again.
    static func warm(_ region: FileRegion) -> Int {
        let wanted = min(region.count, Self.coldBytesMax)
        guard region.descriptor >= 0 else { return wanted }
        _ = apus_read_ahead(region.descriptor, region.offset, min(region.count, 2 * Self.coldBytesMax))
        return withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 4096) { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            var done = 0
            while done < wanted {
                let size = min(buffer.count, wanted - done)
                let count = apus_pread(region.descriptor, base, size, region.offset + Int64(done))
                guard count > 0 else { break }
                done += count
            }
            return done
        }
    }
}
