import KafkaClient
import Testing

@Suite struct BootstrapServerTests {
    @Test func aListNamesHostsAndPorts() throws {
        #expect(
            try BootstrapServer.list("a:1, b.example:9092,[::1]:65535") == [
                BootstrapServer(host: "a", port: 1), BootstrapServer(host: "b.example", port: 9092),
                BootstrapServer(host: "::1", port: 65535),
            ])
    }

    @Test(arguments: ["", ",", "host", "host:", ":9092", "host:0", "host:65536", "host:x", "[]:1"])
    func whatNamesNoServerIsRefused(text: String) {
        #expect(throws: ClientError(.invalidArgument, "")) { try BootstrapServer.list(text) }
    }
}
