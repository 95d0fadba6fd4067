import EventLoop

/// Connects through a virtual network. Only on the loop; `completion` is called once, never within `begin`, and not
/// after `cancel`.
final class VirtualConnectAttempt: ConnectingAttempt, @unchecked Sendable {
    // Unchecked: every use is on the loop.
    private let loop: EventLoop
    private var completion: ((Result<Connected, CloseReason>) -> Void)?
    private var underWay: (any VirtualConnecting)?

    init(loop: EventLoop, completion: @escaping (Result<Connected, CloseReason>) -> Void) {
        self.loop = loop
        self.completion = completion
    }

    func begin(host: String, port: UInt16, on network: any VirtualNetwork) {
        self.underWay = network.connect(host: host, port: port) { [loop] result in
            let isQueued = loop.execute { self.finish(result) }
            if !isQueued, case .success(let stream) = result { stream.close() }
        }
    }

    func cancel() {
        self.completion = nil
        self.underWay?.cancel()
        self.underWay = nil
    }

    private func finish(_ result: Result<any VirtualStream, CloseReason>) {
        self.underWay = nil
        guard let completion = self.completion else {
            if case .success(let stream) = result { stream.close() }
            return
        }
        self.completion = nil
        completion(result.map { Connected(wire: .virtual($0), peer: $0.peer) })
    }
}
