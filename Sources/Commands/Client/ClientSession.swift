import ApusCore
import CommandLineArguments
import KafkaClient
import KafkaRecords
import Networking

/// What the commands that talk to a cluster have in common: how to reach it.
struct ClientSession: Sendable {
    let runtime: ClientRuntime
    let configuration: ClientConfiguration

    static let options: [OptionDeclaration] = [
        OptionDeclaration(
            "--bootstrap-server", short: "-b", value: "HOST:PORT,...",
            "Brokers to ask first; one that answers is enough. localhost:9092 where not given."),
        OptionDeclaration("--client-id", value: "NAME", "How the brokers' logs and quotas name this client."),
        OptionDeclaration(
            "--command-config", value: "FILE", completion: .files,
            "Kafka's client settings: security.protocol and ssl.*; the options here count more."),
        .flag("--tls", "Use TLS, and believe the certificates that the system believes."),
        OptionDeclaration(
            "--tls-ca", value: "FILE", completion: .files, "Use TLS, and believe the certificates of this PEM file."),
        OptionDeclaration(
            "--tls-identity", value: "FILE", completion: .files,
            "Use TLS, and show the certificate of this PEM file, which also holds its key."),
    ]

    /// Reads the options and starts the client's thread.
    init(_ parsed: ParsedCommand, bootstrapServers: String? = nil) throws {
        let text = bootstrapServers ?? parsed.value("--bootstrap-server") ?? "localhost:9092"
        var configuration = ClientConfiguration(bootstrapServers: try BootstrapServer.list(text))
        configuration.clientID = parsed.value("--client-id") ?? "apus"
        let authority = parsed.value("--tls-ca")
        let identity = parsed.value("--tls-identity")
        let told = try parsed.value("--command-config").map { try ClientProperties(file: $0).tls() } ?? nil
        if told != nil || parsed.has("--tls") || authority != nil || identity != nil {
            var tls = told ?? TLSConfiguration()
            if let authority { tls.trust = .pemFile(path: authority) }
            if let identity { tls.identity = .pemFile(path: identity, password: nil) }
            configuration.tls = try TLSContextSource(tls, side: .client)
        }
        self.configuration = configuration
        self.runtime = try ClientRuntime()
    }

    /// A client of its own connections; a producer, a consumer and an administrator each take one.
    func makeCluster() -> ClusterClient { ClusterClient(self.configuration, runtime: self.runtime) }

    func close() { self.runtime.stop() }

    /// Does `body` with the cluster's control plane, and ends the session.
    static func administer<Value: Sendable>(
        _ parsed: ParsedCommand, _ body: @escaping @Sendable (Admin) async throws -> Value
    ) throws -> Value {
        let session = try ClientSession(parsed)
        defer { session.close() }
        let cluster = session.makeCluster()
        defer { cluster.close() }
        var admin = Admin(cluster)
        admin.timeout = .seconds(Int64(try parsed.integer("--timeout", least: 1) ?? 30))
        return try OneShot.run { [admin] in try await body(admin) }
    }

    static let timeoutOption = OptionDeclaration(
        "--timeout", value: "SECONDS", "Give up after so long; 30 where not given.")

    static let jsonOption = OptionDeclaration.flag("--json", "Print JSON, for programs.")

    /// The value of `--compression`.
    static func compression(_ parsed: ParsedCommand) -> CompressionSetting {
        CompressionSetting(parsed.value("--compression").flatMap { CompressionCodec(name: $0) } ?? .none)
    }

    static let compressionOption = OptionDeclaration(
        "--compression", value: "CODEC", completion: .choices(CompressionCodec.allCases.map(\.name)),
        "How batches are compressed; not at all where not given.")
}
