/// Where HTTP is served.
package struct HTTPListenerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Empty where it listens on every interface.
    package var host: String
    /// 0 lets the system choose.
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `:port` and either behind `http://`; nil for anything else.
    package init?(_ text: String) {
        let address = text.hasPrefix("http://") ? String(text.dropFirst(7)) : text
        if address.hasPrefix(":"), let port = UInt16(address.dropFirst()) {
            self.init(host: "", port: port)
        } else if let endpoint = HostPort(address) {
            self.init(host: endpoint.host, port: endpoint.port)
        } else {
            return nil
        }
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
