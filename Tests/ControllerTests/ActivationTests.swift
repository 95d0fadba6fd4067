import ApusCore
import ClusterMetadata
import Controller
import KafkaStoredMessages
import StateMachine
import Testing

struct ActivationTests {
    @Test("An empty log gets the bootstrap transaction that Kafka 4.3.1 writes")
    func emptyLog() throws {
        let test = try TestController(minInsyncReplicas: 2)
        var begin = BeginTransactionRecord()
        begin.name = "Bootstrap records"
        #expect(
            test.log == [
                .beginTransaction(begin),
                feature("metadata.version", 30),
                feature("eligible.leader.replicas.version", 1),
                feature("group.version", 1),
                feature("share.version", 1),
                feature("streams.version", 1),
                feature("transaction.version", 2),
                config(4, "", "min.insync.replicas", "2"),
                .endTransaction(EndTransactionRecord()),
            ])
        #expect(try test.replay() == test.image)
    }

    @Test("A transaction that the last controller left open is aborted before the log is bootstrapped again")
    func openTransaction() throws {
        var test = try TestController()
        let bootstrapped = test.log
        test.controller = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: MetadataImage(),
            random: SeededRandom(seed: 1), now: test.now)
        let result = test.controller.activate(
            openTransactionOffset: 3, bootstrap: Controller.bootstrapRecords, context: test.context())
        var abort = AbortTransactionRecord()
        abort.reason = "Controller failover"
        #expect(result == CommandResult(records: [.abortTransaction(abort)] + bootstrapped, response: NoResponse()))
    }

    @Test("A log with metadata is left as it is")
    func nonEmptyLog() throws {
        let test = try TestController()
        var next = Controller(
            configuration: test.controller.configuration, rules: TestRules(), image: try test.replay(),
            random: SeededRandom(seed: 1), now: test.now)
        let result = next.activate(
            openTransactionOffset: nil, bootstrap: Controller.bootstrapRecords, context: test.context())
        #expect(result == CommandResult(records: [], response: NoResponse()))
    }
}
