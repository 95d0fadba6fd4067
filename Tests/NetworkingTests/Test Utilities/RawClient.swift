import CSystem
import Glibc
import Networking

/// A blocking socket that sends and receives bytes as the test says.
final class RawClient: @unchecked Sendable {
    // Unchecked: one thread sends and one receives at most, which the kernel allows.
    let descriptor: Int32

    init(port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        _ = apus_no_delay(self.descriptor)
        let result = withUnsafePointer(to: &address) {
            apus_connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
        precondition(result == 0, "cannot connect to the listener")
    }

    deinit {
        if !self.isClosed { close(self.descriptor) }
    }

    private var isClosed = false

    func disconnect() {
        self.isClosed = true
        close(self.descriptor)
    }

    /// Closes with a reset.
    func abort() {
        _ = apus_linger_none(self.descriptor)
        self.disconnect()
    }

    func finishSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    func send(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { apus_send(self.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            done += count
        }
    }

    /// So many bytes, or fewer at the end of the stream.
    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = bytes[done...].withUnsafeMutableBytes { recv(self.descriptor, $0.baseAddress, $0.count, 0) }
            guard received > 0 else { break }
            done += received
        }
        return Array(bytes[..<done])
    }

    /// The payload of the next frame; nil at the end of the stream.
    func receiveFrame() -> [UInt8]? {
        let prefix = self.receive(4)
        guard prefix.count == 4 else { return nil }
        let length = prefix.reduce(0) { $0 << 8 | Int($1) }
        let payload = self.receive(length)
        return payload.count == length ? payload : nil
    }
}

/// The payload as a frame.
func frame(_ payload: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0) } + payload
}
