package import ApusCore

/// The client's side of one fetch session (KIP-227): which id and epoch the next request carries.
///
/// | after | next |
/// |---|---|
/// | a full response with a session id | epoch 1 of that session |
/// | a full response without | a full request |
/// | an incremental response with the session id | the next epoch |
/// | an incremental response without | a full request: the broker ended the session |
/// | FETCH_SESSION_ID_NOT_FOUND | a full request |
/// | any other error, a lost connection, or a response that does not fit | a full request that ends the old session |
package struct FetchSessionClient: Equatable, Sendable {
    /// What the next request carries.
    package private(set) var next = FetchSessionMetadata.initial

    package init() {}

    /// The response to the request built from `next` arrived.
    ///
    /// - Returns: whether its partitions are to be used.
    package mutating func responded(error: ErrorCode, sessionID: Int32) -> Bool {
        guard error == .noError else {
            if error == .fetchSessionIDNotFound {
                self.next = .initial
            } else {
                self.failed()
            }
            return false
        }
        if self.next.isFull {
            self.next = sessionID == 0 ? .initial : FetchSessionMetadata(sessionID: sessionID, epoch: 1)
        } else if sessionID == 0 {
            self.next = .initial
        } else if sessionID != self.next.sessionID {
            self.failed()
            return false
        } else {
            self.next.epoch = FetchSessionMetadata.epoch(after: self.next.epoch)
        }
        return true
    }

    /// The connection was lost or the response did not fit: starts anew, and tells the broker to end the old session.
    package mutating func failed() {
        self.next.epoch = 0
    }
}
