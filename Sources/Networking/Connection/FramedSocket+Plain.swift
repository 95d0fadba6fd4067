import CSystem
import EventLoop
import Glibc
import KafkaPrimitives

/// Sending on a plain socket: bytes are gathered, large pieces of files leave from the page cache.
extension FramedSocket {
    /// Bytes given to one `sendfile`: what it finds in memory at both ends is taken to be there in between.
    private static let sendfileBytesMax = 512 * 1024

    func flushPlain() {
        let target = self.output.unsentBytes - Self.sentBytesMax
        while !self.output.isEmpty {
            guard self.output.unsentBytes > target else {
                self.scheduleEnd()
                return
            }
            switch self.lane.scratch.gather(self.output, isWarm: self.warmBytes > 0) {
            case .empty:
                return
            case .pieces(let count, let bytes, let more):
                let sent = self.wire.send(self.lane.scratch.pieces, count, more: more)
                guard self.account(sent, of: bytes, operation: "send") else { return }
            case .file(let region):
                guard self.sendFile(region) else { return }
            case .cold(let region):
                self.fetchFromDisk(region)
                return
            case .failed(let reason):
                self.close(reason)
                return
            }
        }
    }

    private func sendFile(_ region: FileRegion) -> Bool {
        var chunk = min(region.count, Self.sendfileBytesMax)
        if self.warmBytes > 0 {
            chunk = min(chunk, self.warmBytes)
        } else {
            let front = FileRegion(
                owner: region.owner, descriptor: region.descriptor, offset: region.offset, count: chunk)
            guard PageCacheRead.isResident(front) else {
                self.fetchFromDisk(region)
                return false
            }
        }
        guard case .descriptor(let descriptor) = self.wire, region.descriptor >= 0 else {
            return self.sendCopy(of: region, limit: chunk)
        }
        let sent = apus_sendfile(descriptor, region.descriptor, region.offset, chunk)
        if sent == 0 {
            self.close(.fileTruncated)
            return false
        }
        return self.account(sent, of: chunk, operation: "sendfile")
    }

    /// Sends the front of a file through memory, where the system cannot send it by itself.
    private func sendCopy(of region: FileRegion, limit: Int) -> Bool {
        switch self.lane.scratch.copy(region, limit: limit) {
        case .bytes(let count):
            let sent = self.wire.send(self.lane.scratch.pieces, 1, more: count < region.count)
            return self.account(sent, of: count, operation: "send")
        case .failed(let reason):
            self.close(reason)
            return false
        }
    }

    /// Books what the kernel took. Returns whether it will take more.
    private func account(_ sent: Int, of offered: Int, operation: String) -> Bool {
        if sent < 0 {
            if sent == -Int(EAGAIN) {
                self.isBlocked = true
            } else {
                self.close(.failed(SystemError(number: Int32(-sent), operation: operation)))
            }
            return false
        }
        self.advance(by: sent)
        if sent < offered { self.isBlocked = true }
        return sent == offered
    }

    /// `count` bytes have left for good.
    func advance(by count: Int) {
        self.warmBytes = max(0, self.warmBytes - count)
        self.output.advance(by: count) { self.finishedTags.append($0) }
    }

    /// Output stands still until the front of `region` has been read into memory elsewhere.
    func fetchFromDisk(_ region: FileRegion) {
        self.isWaitingForDisk = true
        let isAccepted = self.lane.blocking.submit {
            let count = PageCacheRead.warm(region)
            self.lane.loop.execute { self.diskAnswered(count) }
        }
        // A pool that is full is waited for on the loop: slow, but nothing is lost.
        if !isAccepted { self.lane.loop.execute { self.diskAnswered(PageCacheRead.warm(region)) } }
    }

    private func diskAnswered(_ count: Int) {
        self.isWaitingForDisk = false
        self.warmBytes = max(1, count)
        guard !self.isClosed else { return }
        self.flush()
    }
}
