/// The session fields of a fetch request or response (KIP-227).
package struct FetchSessionMetadata: Equatable, Sendable {
    /// 0 is no session.
    package var sessionID: Int32
    /// 0 asks for a new session, -1 for none; any other number continues one.
    package var epoch: Int32

    package init(sessionID: Int32, epoch: Int32) {
        self.sessionID = sessionID
        self.epoch = epoch
    }

    /// Asks for a new session.
    package static var initial: FetchSessionMetadata { FetchSessionMetadata(sessionID: 0, epoch: 0) }

    /// Asks for no session: what clients before version 7 mean.
    package static var sessionless: FetchSessionMetadata { FetchSessionMetadata(sessionID: 0, epoch: -1) }

    /// The request lists all its partitions.
    package var isFull: Bool { self.epoch == 0 || self.epoch == -1 }

    /// The epoch that follows `epoch`: after the largest comes 1, and the final one stays.
    static func epoch(after epoch: Int32) -> Int32 {
        if epoch < 0 { return -1 }
        return epoch == .max ? 1 : epoch + 1
    }
}
