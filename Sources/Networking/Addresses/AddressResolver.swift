import CSystem
import Glibc

/// A name that has no address.
package struct ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var reason: String

    package init(host: String, reason: String) {
        self.host = host
        self.reason = reason
    }

    package var description: String { "cannot resolve \(self.host): \(self.reason)" }
}

/// Turns names into addresses. It asks the system, which may wait: call it off the loops.
enum AddressResolver {
    /// More addresses of one name than this are not tried.
    private static let addressCountMax = 16

    /// At least one address; numeric hosts are not looked up.
    static func resolve(host: String, port: UInt16) throws(ResolutionError) -> [SocketAddress] {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        var raw = [sockaddr_storage](repeating: sockaddr_storage(), count: Self.addressCountMax)
        var lengths = [socklen_t](repeating: 0, count: Self.addressCountMax)
        let count = apus_address_resolve(host, port, &raw, &lengths, Int32(Self.addressCountMax))
        guard count > 0 else {
            let reason = count < 0 ? String(cString: gai_strerror(count)) : "no address"
            throw ResolutionError(host: host, reason: reason)
        }
        return raw[0..<Int(count)].map { SocketAddress($0) }
    }
}
