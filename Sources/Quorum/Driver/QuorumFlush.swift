package import LogStorage
import Raft

/// A flush of the metadata log, to be performed where it may wait for the disk and then given back.
package struct QuorumFlush: Sendable {
    let quorum: Raft.FlushTicket
    let log: LogStorage.FlushTicket

    /// Waits for the disk. When it returns, everything appended before the flush was asked for survives a power loss.
    package func perform() throws(LogError) {
        try self.log.perform()
    }
}
