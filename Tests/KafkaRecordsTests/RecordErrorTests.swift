import ApusCore
import KafkaRecords
import Testing

@Suite("Record errors")
struct RecordErrorTests {
    @Test("every code has one answer to the producer")
    func table() {
        let answers = RecordError.Code.allCases.map(\.errorCode)
        #expect(
            answers == [
                .corruptMessage, .invalidRecord, .invalidTimestamp, .messageTooLarge, .unsupportedCompressionType,
                .invalidRecord, .messageTooLarge,
            ])
    }
}
