/// An address under which a node is reached, with the listener's name and security.
package struct Listener: Hashable, Sendable, CustomStringConvertible {
    /// In capitals, as Kafka normalises it.
    package var name: String
    /// Empty where it listens on every interface. IPv6 addresses have no brackets.
    package var host: String
    /// 0 lets the system choose.
    package var port: UInt16
    package var securityProtocol: SecurityProtocol

    package init(name: String, host: String, port: UInt16, securityProtocol: SecurityProtocol) {
        self.name = name
        self.host = host
        self.port = port
        self.securityProtocol = securityProtocol
    }

    /// The prefix of the configs that are meant for this listener alone: `listener.name.internal.`.
    package var configPrefix: String { "listener.name.\(self.name.lowercased())." }

    package var description: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(self.name)://\(host):\(self.port)"
    }

    /// Reads `NAME://host:port`; the security protocol is filled in by the caller. Nil for anything else.
    init?(_ text: String) {
        guard let separator = Self.index(of: "://", in: text), separator != text.startIndex else { return nil }
        let name = text[..<separator]
        let rest = text[text.index(separator, offsetBy: 3)...]
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]) else {
            return nil
        }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard host.isEmpty || HostPort("[\(host)]:\(port)") != nil else { return nil }
        self.init(name: name.uppercased(), host: String(host), port: port, securityProtocol: .plaintext)
    }

    private static func index(of pattern: String, in text: String) -> String.Index? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(pattern) { return start }
            start = text.index(after: start)
        }
        return nil
    }
}
