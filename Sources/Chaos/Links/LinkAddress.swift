import CSystem
import Glibc

/// An IPv4 address of the loopback interface with a port.
package struct LinkAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(self.host):\(self.port)" }

    /// A socket that does not block; -errno where there is none.
    func makeSocket() -> Int32 { apus_socket_stream(AF_INET) }

    /// 0, or -errno.
    func connect(_ descriptor: Int32) -> Int32 {
        self.withRaw { apus_connect(descriptor, $0, $1) }
    }

    /// 0, or -errno.
    func bind(_ descriptor: Int32) -> Int32 {
        self.withRaw { apus_bind(descriptor, $0, $1) }
    }

    private func withRaw(_ body: (UnsafeRawPointer, socklen_t) -> Int32) -> Int32 {
        var raw = sockaddr_storage()
        let length = apus_address_parse(self.host, self.port, &raw)
        guard length > 0 else { return -EINVAL }
        return withUnsafePointer(to: &raw) { body(UnsafeRawPointer($0), length) }
    }

    /// The numeric host of a peer's address.
    static func host(of raw: borrowing sockaddr_storage) -> String {
        var copy = copy raw
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let start = text.baseAddress, apus_address_host(&copy, start) == 0 else { return "" }
            return String(cString: start)
        }
    }
}
