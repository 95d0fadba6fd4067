import KafkaPrimitives

/// No session can be made yet: connections are plain.
final class TLSSession: Sendable {
    private init() {}
    var peerName: String? { nil }
    func free(to pool: BufferPool) {}
}

/// No context can be made yet: connections are plain.
package final class TLSContextSource: Sendable {
    private init() {}
    func makeServerSession(_ descriptor: Int32) -> TLSSession? { nil }
    func makeClientSession(_ descriptor: Int32, host: String) -> TLSSession? { nil }
}

extension FramedSocket {
    func receiveSecured(_ room: UnsafeMutableRawBufferPointer, _ tls: TLSSession) -> Int { 0 }
    func flushSecured(_ tls: TLSSession) {}
    func finishSecured(_ tls: TLSSession) {}
}
