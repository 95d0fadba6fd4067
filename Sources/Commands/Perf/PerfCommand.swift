import ApusCore
import CommandLineArguments
import Foundation
import KafkaClient

/// `apus perf`: how fast a cluster is, and what that costs.
enum PerfCommand {
    static var command: Command {
        Command(
            CommandDeclaration(
                "perf", "Measure how fast a cluster takes and gives records, and what that costs.",
                commands: [self.produceDeclaration, self.consumeDeclaration],
                examples: [
                    "apus perf produce --topic load --num-records 10000000 --record-size 100 --batch-size 1048576",
                    "apus perf produce --topic load --num-records 100000 --throughput 5000 --cluster-dir .local/cluster",
                    "apus perf consume --topic load",
                ])
        ) { parsed, terminal in
            switch parsed.path.last {
            case "produce": return try self.produce(parsed, terminal)
            case "consume": return try self.consume(parsed, terminal)
            default: preconditionFailure("the parser accepts only declared commands")
            }
        }
    }

    private static let sharedOptions: [OptionDeclaration] =
        [
            OptionDeclaration("--topic", short: "-t", value: "NAME", required: true, "The topic; it must exist."),
            OptionDeclaration(
                "--broker-pids", value: "PID,...", "Tell the processor time of these processes for each gigabyte."),
            OptionDeclaration(
                "--cluster-dir", value: "DIR", completion: .directories,
                "The same for the nodes of the local cluster in this folder."),
            ClientSession.jsonOption,
            .flag("--quiet", short: "-q", "Show no progress."),
        ] + ClientSession.options

    private static let produceDeclaration = CommandDeclaration(
        "produce", "Write records as fast as allowed.",
        discussion: """
            The latency of a record is the time from the first record of its batch to the batch's acknowledgement. A \
            gigabyte is 10^9 bytes of record values.
            """,
        options: [
            OptionDeclaration("--num-records", short: "-n", value: "COUNT", "How many; 1000000 where not given."),
            OptionDeclaration("--record-size", short: "-s", value: "BYTES", "The size of each; 100 where not given."),
            OptionDeclaration("--throughput", value: "COUNT", "Records a second at most; no limit where not given."),
            OptionDeclaration("--batch-size", value: "BYTES", "Send a batch at this size; 65536 where not given."),
            OptionDeclaration("--linger-ms", value: "MS", "Wait so long for a batch to fill; 0 where not given."),
            OptionDeclaration(
                "--acks", value: "WHO", completion: .choices(["0", "1", "all"]),
                "Whose word counts; all where not given."),
            .flag("--idempotent", "No record twice or out of order; as a rule so with --acks all."),
            .flag("--not-idempotent", "Without that, even with --acks all."),
            ClientSession.compressionOption,
        ] + sharedOptions,
        exclusive: [["--idempotent", "--not-idempotent"]])

    private static let consumeDeclaration = CommandDeclaration(
        "consume", "Read records as fast as they come.",
        options: [
            OptionDeclaration(
                "--num-records", short: "-n", value: "COUNT", "End after so many; at the topic's end where not given."),
            OptionDeclaration(
                "--fetch-size", value: "BYTES", "Bytes of a partition in one answer; 1048576 where not given."),
            OptionDeclaration("--client-rack", value: "ZONE", "Read from the replica in this zone where there is one."),
        ] + sharedOptions)

    private static func produce(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        var configuration = try ProduceCommand.configuration(parsed)
        if parsed.has("--not-idempotent") { configuration.isIdempotent = false }
        if parsed.has("--idempotent") { configuration.isIdempotent = true }
        configuration.bufferedBytesMax = max(configuration.bufferedBytesMax, 4 * configuration.batchBytesMax)
        let session = try ClientSession(parsed)
        defer { session.close() }
        let topic = parsed.required("--topic")
        let partitionCount = try ProduceCommand.partitionCount(of: topic, session)
        let cluster = session.makeCluster()
        defer { cluster.close() }
        let load = PerfProducer.Load(
            topic: topic, partitionCount: partitionCount,
            recordCount: try parsed.integer("--num-records", least: 1) ?? 1_000_000,
            recordBytes: try parsed.integer("--record-size", least: 1) ?? 100,
            recordsPerSecond: try parsed.integer("--throughput", least: 1))
        let usage = try BrokerUsage(parsed)
        let producer = try PerfProducer(load, configuration, cluster: cluster)
        producer.start()
        var report = PerfReport()
        while true {
            let isEnded = producer.ended.wait(seconds: 1) != nil
            report = producer.report()
            if isEnded { break }
            if !parsed.has("--quiet") { terminal.progress(report.progress) }
        }
        self.show(&report, usage, parsed, terminal)
        return report.failed == 0 ? 0 : 1
    }

    private static func consume(_ parsed: ParsedCommand, _ terminal: Terminal) throws -> Int32 {
        let session = try ClientSession(parsed)
        defer { session.close() }
        let topic = parsed.required("--topic")
        let partitionCount = try ProduceCommand.partitionCount(of: topic, session)
        let cluster = session.makeCluster()
        defer { cluster.close() }
        var configuration = ConsumerConfiguration()
        configuration.partitionBytesMax = Int32(clamping: try parsed.integer("--fetch-size", least: 1) ?? 1 << 20)
        configuration.rack = parsed.value("--client-rack") ?? ""
        let usage = try BrokerUsage(parsed)
        let consumer = PerfConsumer(
            topic: topic, partitionCount: partitionCount, limit: try parsed.integer("--num-records", least: 1),
            configuration, cluster: cluster)
        consumer.start()
        var report = PerfReport()
        while true {
            let ended = consumer.ended.wait(seconds: 1)
            report = consumer.report()
            if case .failure(let error) = ended { throw error }
            if ended != nil { break }
            if !parsed.has("--quiet") { terminal.progress(report.progress) }
        }
        self.show(&report, usage, parsed, terminal)
        return 0
    }

    private static func show(
        _ report: inout PerfReport, _ usage: BrokerUsage?, _ parsed: ParsedCommand, _ terminal: Terminal
    ) {
        report.brokerCPUSeconds = usage?.cpuSeconds
        report.clientCPUSeconds = Double(clock()) / Double(CLOCKS_PER_SEC)
        if !parsed.has("--quiet") { terminal.progress("") }
        terminal.write(parsed.has("--json") ? report.json.text + "\n" : report.text)
    }
}
