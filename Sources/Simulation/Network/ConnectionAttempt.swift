import ApusCore
import Networking

/// An attempt of a host to connect: asks again and again until it is answered or given up.
final class ConnectionAttempt: NetworkArrival, VirtualConnecting, @unchecked Sendable {
    // Unchecked: used by the thread that runs the world only.

    typealias Completion = @Sendable (Result<any VirtualStream, CloseReason>) -> Void

    private enum Stage {
        case asking
        case answered(Result<SimulatedStream, CloseReason>)
        case over
    }

    let host: SimulatedHost
    private let target: SimulatedMachine?
    private let name: String
    private let port: UInt16
    private unowned let network: SimulatedNetwork
    private let completion: Completion
    private var stage = Stage.asking
    private var wait: Int64 = 1_000_000_000

    init(
        from host: SimulatedHost, to target: SimulatedMachine?, name: String, port: UInt16, network: SimulatedNetwork,
        completion: @escaping Completion
    ) {
        self.host = host
        self.target = target
        self.name = name
        self.port = port
        self.network = network
        self.completion = completion
    }

    func begin() {
        guard let target = self.target else {
            let unknown = ResolutionError(host: self.name, reason: "no such machine")
            self.stage = .answered(.failure(.unresolved(unknown)))
            self.network.schedule(self, at: self.network.world.now.nanoseconds + 1_000_000)
            return
        }
        self.network.schedule(self, after: self.network.delay(from: self.host.machine, to: target, count: 0))
    }

    /// Given up: what was made already is closed.
    func cancel() {
        if case .answered(.success(let stream)) = self.stage { stream.close() }
        self.stage = .over
        self.network.remove(self)
    }

    override func arrive() -> (host: Int32, amount: Int64)? {
        switch self.stage {
        case .over:
            return nil
        case .asking:
            guard let target = self.target else { return nil }
            guard self.network.canPass(from: self.host.machine, to: target), let answer = self.answer(target) else {
                self.askAgain()
                return (self.host.number, -2)
            }
            self.stage = .answered(answer)
            self.network.schedule(self, after: self.network.delay(from: target, to: self.host.machine, count: 0))
            return (target.host?.number ?? -1, -3)
        case .answered(let answer):
            if let target = self.target, !self.network.canPass(from: target, to: self.host.machine) {
                self.askAgain()
                return (self.host.number, -2)
            }
            self.stage = .over
            self.network.remove(self)
            switch answer {
            case .success(let stream): self.completion(.success(stream))
            case .failure(let reason): self.completion(.failure(reason))
            }
            return (self.host.number, -4)
        }
    }

    private func askAgain() {
        self.network.schedule(self, after: self.wait)
        self.wait = min(self.wait * 2, 16_000_000_000)
    }

    /// What the machine says; nil where it says nothing.
    private func answer(_ target: SimulatedMachine) -> Result<SimulatedStream, CloseReason>? {
        guard let listener = target.listeners[self.port] else { return .failure(.connectionRefused) }
        guard !listener.isFull else { return nil }
        let machine = self.host.machine
        guard let local = SocketAddress(host: machine.address, port: machine.takePort()) else { return nil }
        let stream = self.network.makeStream(local: local, peer: listener.address, host: self.host, isConnector: true)
        let accepted = self.network.makeStream(
            local: listener.address, peer: local, host: listener.host, isConnector: false)
        SimulatedStream.pair(stream, accepted)
        listener.add(accepted)
        return .success(stream)
    }
}
