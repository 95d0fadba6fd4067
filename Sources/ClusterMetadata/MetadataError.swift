/// A record that cannot follow the state it is applied to: the log is damaged, or this program is wrong.
///
/// Equality is on the code.
package struct MetadataError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case unknownBroker
        case brokerEpochMismatch
        case invalidBrokerChange
        case unknownTopic
        case duplicateTopic
        case unknownPartition
        case partitionOutOfOrder
        case invalidPartition
        case unknownAccessControlEntry
        case unknownCredential
        case unsupportedFeatureLevel
        case unexpectedTransactionRecord
        case unsupportedRecord
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package static func == (lhs: MetadataError, rhs: MetadataError) -> Bool { lhs.code == rhs.code }

    package var description: String { self.message }
}
