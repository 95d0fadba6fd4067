import ApusCore
import ClusterMetadata
import EventLoop
import KafkaStoredMessages
import Telemetry

/// One record of the metadata log, with its place.
struct CommittedRecord {
    let record: MetadataRecord
    let offset: Offset
    let epoch: LeaderEpoch
}

/// Replays the committed metadata log of this node and passes on what it means: images to the broker role, commits and
/// leadership to the controller role. Lives on the control loop.
final class MetadataFollower {
    private let log: Logger
    private var replay = MetadataReplay()
    private var leader = NodeID.none
    /// The roles of this node; set once, before the quorum starts.
    var controller: ControllerService?
    var registrar: ControllerRegistrar?
    var broker: BrokerRuntime?
    var channel: ControllerChannel?

    private let metadata: PublishedMetadata

    init(metadata: PublishedMetadata, log: Logger) {
        self.metadata = metadata
        self.log = log
    }

    var image: MetadataImage { self.replay.image }

    /// Records were committed; everything below `endOffset` is known now.
    func committed(_ records: [CommittedRecord], endOffset: Offset) {
        for record in records {
            do {
                try self.replay.apply(record.record, at: record.offset, epoch: record.epoch)
            } catch {
                // Going on with a state that differs from the other nodes' would be worse than ending.
                preconditionFailure("committed record at \(record.offset) cannot be applied: \(error)")
            }
        }
        self.publish()
        self.controller?.committed(upTo: endOffset)
    }

    /// A snapshot took the place of everything before it.
    func loaded(_ records: [MetadataRecord], endOffset: Offset, epoch: LeaderEpoch) {
        var image = MetadataImage()
        for record in records {
            do {
                try image.apply(record, at: endOffset - 1, epoch: epoch)
            } catch {
                preconditionFailure("the snapshot at \(endOffset) cannot be applied: \(error)")
            }
        }
        self.replay.load(image)
        self.publish()
    }

    /// The quorum has this leader, or none.
    func leaderChanged(to leader: NodeID) {
        self.leader = leader
        self.log.info("quorum leader", ["leader": LogValue(leader)])
        self.channel?.leaderChanged(to: leader)
    }

    /// This node leads, and what earlier leaders committed is applied.
    func established(leaderHeardAt: Instant?) {
        self.controller?.activate(
            image: self.replay.image, openTransactionOffset: self.replay.openTransactionOffset,
            leaderHeardAt: leaderHeardAt)
    }

    func resigned() {
        self.controller?.resign()
    }

    /// Lets go of the roles, which hold the quorum that holds this.
    func abandon() {
        self.controller?.abandon()
        self.controller = nil
        self.broker = nil
        self.channel = nil
        self.registrar = nil
    }

    private func publish() {
        guard let publication = self.replay.publish() else { return }
        self.registrar?.metadataApplied(publication.image)
        if let broker = self.broker {
            broker.apply(publication, controller: self.leader)
        } else {
            // Without the broker role there are no replicas that have to follow first.
            self.metadata.publish(
                PublishedMetadata.Snapshot(
                    image: publication.image, endOffset: publication.image.lastOffset + 1, controller: self.leader))
        }
    }
}
