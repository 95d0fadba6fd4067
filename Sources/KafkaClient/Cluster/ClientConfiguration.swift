package import ApusCore
package import Networking

/// How a client reaches a cluster.
package struct ClientConfiguration: Sendable {
    /// Where to ask first: `bootstrap.servers`.
    package var bootstrapServers: [BootstrapServer]
    /// `client.id`.
    package var clientID = "apus-client"
    /// Nil for plain connections.
    package var tls: TLSContextSource?
    /// A request without an answer for so long ends its connection: `request.timeout.ms`.
    package var requestTimeout = Interval.seconds(30)
    /// The wait between two questions for leaders while some are missing.
    package var refreshBackoff = Interval.milliseconds(20)
    /// Leaders are asked for at least so often: `metadata.max.age.ms`.
    package var metadataMaxAge = Interval.seconds(300)
    /// The waits before a lost connection is made again.
    package var reconnectBackoff = ReconnectBackoff(initial: .milliseconds(20), maximum: .milliseconds(250))

    package init(bootstrapServers: [BootstrapServer]) {
        self.bootstrapServers = bootstrapServers
    }
}

/// A name or address, and a port.
package struct BootstrapServer: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(self.host):\(self.port)" }

    /// Reads `host:port,host:port`; an IPv6 address stands in brackets.
    ///
    /// - Throws: `invalidArgument` where there is no entry, or one that is not understood.
    package static func list(_ text: String) throws(ClientError) -> [BootstrapServer] {
        var servers: [BootstrapServer] = []
        for entry in text.split(separator: ",") {
            let trimmed = entry.drop { $0 == " " }
            guard let colon = trimmed.lastIndex(of: ":"), let port = UInt16(trimmed[trimmed.index(after: colon)...]),
                port > 0
            else { throw ClientError(.invalidArgument, "'\(entry)' is not host:port") }
            var host = trimmed[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            guard !host.isEmpty else { throw ClientError(.invalidArgument, "'\(entry)' names no host") }
            servers.append(BootstrapServer(host: String(host), port: port))
        }
        guard !servers.isEmpty else { throw ClientError(.invalidArgument, "no bootstrap server is given") }
        return servers
    }
}
