import CSystem

extension SocketAddress {
    /// The address without the port in network order: 4 bytes, or 16 for IPv6.
    package var addressBytes: [UInt8] {
        self.withRaw { raw, _, family in
            // sockaddr_in has the address at byte 4, sockaddr_in6 at byte 8.
            let (start, count) = family == AF_INET6 ? (8, 16) : (4, 4)
            return Array(UnsafeRawBufferPointer(start: raw + start, count: count))
        }
    }
}
