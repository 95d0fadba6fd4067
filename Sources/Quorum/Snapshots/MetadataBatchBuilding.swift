import ApusCore
import KafkaPrimitives
import KafkaRecords
import KafkaStoredMessages
import Raft

/// Makes the batches of the metadata log and its snapshots.
enum MetadataBatchBuilding {
    /// A batch of metadata records, each in its newest version. At least one record.
    static func batch(
        _ records: some Collection<MetadataRecord>, at baseOffset: Offset, epoch: LeaderEpoch, timestamp: Timestamp,
        scratch: CompressionScratch
    ) throws(QuorumError) -> ByteSlice {
        precondition(!records.isEmpty)
        var builder = RecordBatchBuilder(self.options(at: baseOffset, epoch: epoch, isControl: false))
        for record in records {
            var writer = ByteWriter()
            record.encode(into: &writer, version: record.validVersions.upperBound)
            builder.append(timestamp: timestamp, key: nil, value: writer.finish())
        }
        return try self.finish(builder, scratch)
    }

    /// A batch of one control record.
    static func batch(
        control type: ControlRecordType, _ value: ByteSlice, at baseOffset: Offset, epoch: LeaderEpoch,
        timestamp: Timestamp, scratch: CompressionScratch
    ) throws(QuorumError) -> ByteSlice {
        var builder = RecordBatchBuilder(self.options(at: baseOffset, epoch: epoch, isControl: true))
        builder.append(control: type, value: value, timestamp: timestamp)
        return try self.finish(builder, scratch)
    }

    /// The value of a leader change record, in version 0: voters of a static set have no directories.
    static func value(of change: LeaderChange) -> ByteSlice {
        var message = LeaderChangeMessage()
        message.leaderId = change.leaderID
        message.voters = change.voters.map(Self.voter)
        message.grantingVoters = change.grantingVoters.map(Self.voter)
        return message.encoded(version: 0)
    }

    private static func voter(_ replica: ReplicaKey) -> LeaderChangeMessage.Voter {
        var voter = LeaderChangeMessage.Voter()
        voter.voterId = replica.id
        voter.voterDirectoryId = replica.directoryID
        return voter
    }

    private static func options(
        at baseOffset: Offset, epoch: LeaderEpoch, isControl: Bool
    ) -> RecordBatchBuilder.Options {
        var options = RecordBatchBuilder.Options()
        options.baseOffset = baseOffset
        options.leaderEpoch = epoch
        options.isControl = isControl
        return options
    }

    private static func finish(
        _ builder: consuming RecordBatchBuilder, _ scratch: CompressionScratch
    ) throws(QuorumError) -> ByteSlice {
        do throws(RecordError) {
            guard let batch = try builder.finish(scratch: scratch) else {
                preconditionFailure("a batch has records")
            }
            return batch
        } catch {
            throw .records(error)
        }
    }
}
