package import ApusCore

/// Who this replica is, who votes, and how long it waits for what.
package struct RaftConfiguration: Hashable, Sendable {
    /// This replica: `node.id` and the `directory.id` of its metadata log.
    package var local: ReplicaKey
    package var voters: VoterSet
    /// `controller.quorum.election.timeout.ms`
    package var electionTimeout: Interval = .milliseconds(1000)
    /// `controller.quorum.fetch.timeout.ms`
    package var fetchTimeout: Interval = .milliseconds(2000)
    /// `controller.quorum.election.backoff.max.ms`
    package var electionBackoffMax: Interval = .milliseconds(1000)
    /// `controller.quorum.request.timeout.ms`
    package var requestTimeout: Interval = .milliseconds(2000)
    /// `controller.quorum.retry.backoff.ms`
    package var retryBackoff: Interval = .milliseconds(20)

    package init(local: ReplicaKey, voters: VoterSet) {
        self.local = local
        self.voters = voters
    }

    /// The longest wait before the first election after a start. It may be short because pre-vote makes an early
    /// candidacy harmless: whoever hears a leader refuses it.
    package static let initialElectionDelayMax = Interval.milliseconds(100)

    /// The wait before a pre-vote once the connection to the leader broke: long enough for every voter to have
    /// noticed the same, and spread so that one of them is first.
    package static let leaderLossDelay = Interval.milliseconds(20)...Interval.milliseconds(120)

    /// The first wait after a lost election; it doubles with each further one up to `electionBackoffMax`.
    package static let electionBackoffMin = Interval.milliseconds(50)

    /// How far apart the successors that a resigning leader named stand for election.
    package static let successionStep = Interval.milliseconds(50)

    /// A replica that is no voter is forgotten when it has not fetched for this long.
    package static let observerSessionTimeout = Interval.seconds(300)

    /// As many replicas that are no voters are told apart; beyond it the one that fetched longest ago is forgotten.
    package static let observerCountMax = 4096

    /// As many fetches wait at the leader; beyond it a fetch is answered at once, as if it did not want to wait.
    package static let parkedFetchCountMax = 4096

    /// How long a leader may keep a fetch: Kafka's half second, and a quarter of the fetch timeout where that is shorter,
    /// since a leader that has nothing to say would be given up otherwise.
    package var fetchMaxWait: Interval {
        min(.milliseconds(500), Interval(nanoseconds: self.fetchTimeout.nanoseconds / 4))
    }

    /// A leader that did not hear a majority for this long resigns (KIP-835).
    package var checkQuorumTimeout: Interval { Interval(nanoseconds: self.fetchTimeout.nanoseconds / 2 * 3) }

    /// A voter that did not fetch for this long is told again who leads.
    package var beginQuorumEpochInterval: Interval { Interval(nanoseconds: self.fetchTimeout.nanoseconds / 2) }

    package var isVoter: Bool { self.voters.contains(self.local) }
}
