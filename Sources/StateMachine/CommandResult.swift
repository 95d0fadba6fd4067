/// What a command decided: the records to append, and the answer to give once they are committed.
///
/// `isAtomic` says that either all records reach the log or none: they travel in one batch (or one metadata
/// transaction). Records of a result that is not atomic may be split over batches, in order.
package struct CommandResult<Record, Response> {
    /// The records to append, in order. Empty where nothing changes.
    package var records: [Record]
    package var response: Response
    package var isAtomic: Bool

    package init(records: [Record], response: Response, isAtomic: Bool = true) {
        self.records = records
        self.response = response
        self.isAtomic = isAtomic
    }

    /// The same records with another answer.
    package func replacing<Other>(response: Other) -> CommandResult<Record, Other> {
        CommandResult<Record, Other>(records: self.records, response: response, isAtomic: self.isAtomic)
    }
}

extension CommandResult: Equatable where Record: Equatable, Response: Equatable {}
extension CommandResult: Sendable where Record: Sendable, Response: Sendable {}

/// The response of work that nobody waits for.
package struct NoResponse: Equatable, Sendable {
    package init() {}
}
