import ApusCore
import Raft

/// What must hold after every effect.
extension QuorumSimulation {
    /// Epochs do not go back; what was persisted of an epoch is not taken back.
    func checkPersist(_ election: ElectionState, _ index: Int) throws {
        let before = self.replicas[index].election
        guard election.epoch >= before.epoch else {
            throw Violation(description: "replica \(index + 1) went back from \(before) to \(election)")
        }
        guard election.epoch == before.epoch else { return }
        guard before.voted == nil || before.voted == election.voted,
            before.leaderID == nil || before.leaderID == election.leaderID
        else { throw Violation(description: "replica \(index + 1) forgot \(before) for \(election)") }
    }

    /// What is told is on disk before.
    mutating func checkSend(_ request: RaftRequest, _ index: Int) throws {
        let replica = self.replicas[index]
        switch request {
        case .vote(let vote):
            guard vote.epoch == replica.election.epoch, vote.isPreVote || replica.election.voted == vote.candidate
            else { throw Violation(description: "\(vote) sent with \(replica.election) on disk") }
            if !vote.isPreVote { try self.recordVote(by: replica.id, for: replica.id, vote.epoch) }
        case .beginQuorumEpoch(let request):
            guard replica.election.epoch == request.epoch, replica.election.leaderID == replica.id else {
                throw Violation(description: "\(request) sent with \(replica.election) on disk")
            }
        case .endQuorumEpoch(let request):
            guard replica.election.epoch == request.epoch else {
                throw Violation(description: "\(request) sent with \(replica.election) on disk")
            }
        case .fetch(let fetch):
            guard fetch.epoch == replica.election.epoch else {
                throw Violation(description: "\(fetch) sent with \(replica.election) on disk")
            }
        case .fetchSnapshot:
            break
        }
    }

    mutating func checkRespond(_ response: RaftResponse, _ id: InboundRequestID, _ index: Int) throws {
        let replica = self.replicas[index]
        guard response.header.epoch == replica.election.epoch else {
            throw Violation(description: "\(response) sent with \(replica.election) on disk")
        }
        guard case .vote(let header, isGranted: true) = response,
            case .vote(let vote)? = self.waitingRequests[id]?.request
        else { return }
        // The same vote may be told again, also when the voter has fetched from the leader it elected.
        let isRepeated =
            !vote.isPreVote && self.votes[[replica.id.rawValue, header.epoch.rawValue]] == vote.candidate.id
        guard isRepeated || vote.logEnd.isAtLeastAsUpToDate(as: replica.log.history.end) else {
            throw Violation(description: "\(replica.id) with \(replica.log.history.end) grants \(vote)")
        }
        if vote.isPreVote { return }
        guard replica.election.voted == vote.candidate else {
            throw Violation(description: "\(vote) granted with \(replica.election) on disk")
        }
        try self.recordVote(by: replica.id, for: vote.candidate.id, header.epoch)
    }

    private mutating func recordVote(by voter: NodeID, for candidate: NodeID, _ epoch: LeaderEpoch) throws {
        let key = [voter.rawValue, epoch.rawValue]
        if let earlier = self.votes[key], earlier != candidate {
            throw Violation(description: "\(voter) voted for \(earlier) and \(candidate) in epoch \(epoch)")
        }
        self.votes[key] = candidate
    }

    /// One leader in an epoch, and it holds all that was committed in earlier ones. One elected late, when a later
    /// epoch has begun already, need not hold what that committed.
    mutating func checkLeader(_ epoch: LeaderEpoch, _ index: Int) throws {
        let id = self.replicas[index].id
        if let other = self.leaders[epoch] {
            throw Violation(description: "\(other) and \(id) lead in epoch \(epoch)")
        }
        self.leaders[epoch] = id
        self.leaderElections += 1
        let entries = self.replicas[index].log.entries
        let count = self.committedIn.firstIndex { $0 >= epoch } ?? self.committed.count
        guard entries.count >= count, entries[..<count] == self.committed[..<count] else {
            throw Violation(description: "leader \(id) of epoch \(epoch) lacks some of \(count) committed records")
        }
    }

    func checkTruncation(to offset: Offset, _ index: Int) throws {
        let log = self.replicas[index].log
        guard offset >= log.startOffset, offset <= log.endOffset else {
            throw Violation(description: "truncation to \(offset) outside of the log of replica \(index + 1)")
        }
        let lost = Int(offset.rawValue)..<min(log.entries.count, max(self.committed.count, Int(offset.rawValue)))
        for position in lost where log.entries[position] == self.committed[position] {
            throw Violation(description: "replica \(index + 1) truncates the committed record at \(position)")
        }
    }

    /// The high watermark does not go back; what is below is the same everywhere, and durable on a majority.
    mutating func checkHighWatermark(_ offset: Offset, _ index: Int) throws {
        let replica = self.replicas[index]
        guard offset > max(0, replica.highWatermark), offset <= replica.log.endOffset else {
            throw Violation(
                description: "high watermark of \(replica.id) from \(replica.highWatermark) to \(offset), "
                    + "log end \(replica.log.endOffset)")
        }
        let lastEpoch = replica.log.entries[Int(offset.rawValue) - 1].epoch
        guard replica.node?.isLeader != true || lastEpoch == replica.election.epoch else {
            throw Violation(
                description: "\(replica.id) commits \(offset) of epoch \(lastEpoch) in \(replica.election.epoch)")
        }
        let from = max(0, Int(replica.highWatermark.rawValue))
        for position in from..<Int(offset.rawValue) {
            let entry = replica.log.entries[position]
            if position < self.committed.count {
                guard entry == self.committed[position] else {
                    throw Violation(
                        description: "\(replica.id) has \(entry) at \(position), "
                            + "committed was \(self.committed[position])")
                }
            } else {
                let holders = self.replicas.filter {
                    $0.isVoter && $0.durableLog.entries.count > position && $0.durableLog.entries[position] == entry
                }
                guard holders.count >= self.configuration.voters.majority else {
                    throw Violation(
                        description: "\(entry) at \(position) is committed, but durable on \(holders.map(\.id)) only")
                }
                self.committed.append(entry)
                self.committedIn.append(replica.election.epoch)
            }
        }
        self.replicas[index].highWatermark = offset
    }

    func checkSnapshot(_ snapshot: Snapshot, _ index: Int) throws {
        guard snapshot.entries.count <= self.committed.count,
            snapshot.entries[...] == self.committed[..<snapshot.entries.count],
            snapshot.entries.last?.epoch == snapshot.id.epoch
        else { throw Violation(description: "the snapshot of replica \(index + 1) is not what was committed") }
    }

    /// A leader whose last record is committed everywhere.
    var hasConverged: Bool {
        guard let leader = self.replicas.last(where: { $0.node?.isLeader == true }) else { return false }
        return self.replicas.allSatisfy {
            $0.node?.highWatermark == leader.log.endOffset && $0.node?.epoch == leader.node?.epoch
                && $0.node?.leaderID == leader.id
        }
    }
}
