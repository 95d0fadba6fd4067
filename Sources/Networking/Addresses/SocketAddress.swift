import CSystem
import Glibc

/// A numeric IPv4 or IPv6 address with a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// Digits only; an IPv4 address that came mapped into IPv6 is written as IPv4.
    package let host: String
    package let port: UInt16

    /// Nil where `host` is a name.
    package init?(host: String, port: UInt16) {
        var raw = sockaddr_storage()
        guard apus_address_parse(host, port, &raw) != 0 else { return nil }
        self.host = host
        self.port = port
    }

    init(_ raw: borrowing sockaddr_storage) {
        var copy = copy raw
        self.port = apus_address_port(&copy)
        self.host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let base = text.baseAddress, apus_address_host(&copy, base) == 0 else { return "" }
            return String(cString: base)
        }
    }

    /// Calls `body` with the system's form of the address.
    func withRaw<Result>(_ body: (UnsafeRawPointer, socklen_t, Int32) -> Result) -> Result {
        var raw = sockaddr_storage()
        let length = apus_address_parse(self.host, self.port, &raw)
        precondition(length != 0, "a socket address is numeric")
        let family = Int32(raw.ss_family)
        return withUnsafePointer(to: &raw) { body(UnsafeRawPointer($0), length, family) }
    }

    package var description: String {
        self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
