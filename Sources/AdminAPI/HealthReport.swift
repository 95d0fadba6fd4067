package import CommandLineArguments

/// How a node is, in words for people and load balancers.
package struct HealthReport: Hashable, Sendable {
    /// True where the node does what its roles promise.
    package var isHealthy: Bool
    /// What there is to know, in the order in which it is shown.
    package var facts: [JSONValue.Member]

    package init(isHealthy: Bool, facts: KeyValuePairs<String, JSONValue> = [:]) {
        self.isHealthy = isHealthy
        self.facts = facts.map { JSONValue.Member(name: $0.key, value: $0.value) }
    }

    /// `{"status":"ok",...}` or `{"status":"failing",...}`, with a newline.
    var text: String {
        let status = JSONValue.Member(name: "status", value: .string(self.isHealthy ? "ok" : "failing"))
        return JSONValue.object([status] + self.facts).text + "\n"
    }
}
