package import ApusCore

/// The answer to a `RaftRequest`. Each tells the leader and the epoch that the answering replica knows.
package enum RaftResponse: Hashable, Sendable {
    case vote(Header, isGranted: Bool)
    case beginQuorumEpoch(Header)
    case endQuorumEpoch(Header)
    case fetch(Header, Fetched)
    case fetchSnapshot(Header, SnapshotPiece)

    package struct Header: Hashable, Sendable {
        package var error: ErrorCode
        /// The leader of `epoch` if the answering replica hears one.
        package var leaderID: NodeID?
        package var epoch: LeaderEpoch

        package init(error: ErrorCode = .noError, leaderID: NodeID?, epoch: LeaderEpoch) {
            self.error = error
            self.leaderID = leaderID
            self.epoch = epoch
        }
    }

    package struct Fetched: Hashable, Sendable {
        /// The leader's high watermark, -1 if it has none yet.
        package var highWatermark: Offset
        package var logStartOffset: Offset
        package var content: Content

        package init(highWatermark: Offset, logStartOffset: Offset, content: Content) {
            self.highWatermark = highWatermark
            self.logStartOffset = logStartOffset
            self.content = content
        }

        /// What an answer with an error carries.
        package static var nothing: Fetched {
            Fetched(highWatermark: .unknown, logStartOffset: .unknown, content: .nothing)
        }
    }

    package enum Content: Hashable, Sendable {
        case nothing
        /// Records. In an answer to be sent, what may be read: the driver sends as much of it as fits, from its
        /// beginning on. In an answer received, the whole batches that came.
        case records(Range<Offset>)
        /// The logs differ: the sender's log ends here as far as the epochs go (KIP-595).
        case divergingEpoch(OffsetAndEpoch)
        /// What was asked for is no longer in the log but in this snapshot (KIP-630).
        case snapshot(OffsetAndEpoch)
    }

    /// A piece of a snapshot file. In an answer to be sent, `size` and `byteCount` are the driver's to fill in.
    package struct SnapshotPiece: Hashable, Sendable {
        package var snapshotID: OffsetAndEpoch
        /// Of the whole file, in bytes.
        package var size: Int64
        /// Where the piece begins in the file.
        package var position: Int64
        package var byteCount: Int64

        package init(snapshotID: OffsetAndEpoch, size: Int64 = 0, position: Int64, byteCount: Int64 = 0) {
            self.snapshotID = snapshotID
            self.size = size
            self.position = position
            self.byteCount = byteCount
        }
    }

    package var header: Header {
        switch self {
        case .vote(let header, _), .beginQuorumEpoch(let header), .endQuorumEpoch(let header), .fetch(let header, _),
            .fetchSnapshot(let header, _):
            header
        }
    }
}
