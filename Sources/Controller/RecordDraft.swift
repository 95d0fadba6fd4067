import ApusCore
import ClusterMetadata
import KafkaStoredMessages
import StateMachine

/// The records of one command while it is being decided, and the image as they would leave it.
///
/// Each record is applied to the draft's image when it is added, so that a later part of the command sees what an
/// earlier one did, and so that no record reaches the log that could not be applied from there.
struct RecordDraft {
    private(set) var image: MetadataImage
    private(set) var records: [MetadataRecord] = []
    private let appendOffset: Offset

    /// The most records that one request may ask for; a batch of the log holds as many.
    static let userRecordsMax = 10_000

    init(image: MetadataImage, appendOffset: Offset) {
        self.image = image
        self.appendOffset = appendOffset
    }

    /// The offset that the next record will get.
    var nextOffset: Offset { self.appendOffset + Int64(self.records.count) }

    mutating func append(_ record: MetadataRecord) {
        do {
            try self.image.apply(record, at: self.nextOffset, epoch: self.image.lastEpoch)
        } catch {
            // Written to the log, this record would stop every node that reads it.
            preconditionFailure("the controller drafted a record that cannot be applied: \(error)")
        }
        self.records.append(record)
    }

    /// The draft as the result of a command.
    consuming func result<Response>(
        _ response: Response, isAtomic: Bool = true
    ) -> CommandResult<MetadataRecord, Response> {
        CommandResult(records: self.records, response: response, isAtomic: isAtomic)
    }
}
