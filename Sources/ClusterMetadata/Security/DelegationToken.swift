package import ApusCore

/// A delegation token (KIP-48) as the metadata log keeps it.
package struct DelegationToken: Hashable, Sendable {
    package var owner: String
    package var requester: String
    package var renewers: [String]
    package var issueTimestamp: Timestamp
    package var maxTimestamp: Timestamp
    package var expirationTimestamp: Timestamp

    package init(
        owner: String, requester: String, renewers: [String], issueTimestamp: Timestamp, maxTimestamp: Timestamp,
        expirationTimestamp: Timestamp
    ) {
        self.owner = owner
        self.requester = requester
        self.renewers = renewers
        self.issueTimestamp = issueTimestamp
        self.maxTimestamp = maxTimestamp
        self.expirationTimestamp = expirationTimestamp
    }
}
