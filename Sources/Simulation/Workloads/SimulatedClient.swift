import ApusCore
package import EventLoop
package import KafkaClient

/// The process of one client, on a machine of its own: production code of clients on a virtual loop.
package final class SimulatedClient {
    package let stage: Stage
    package let machine: SimulatedMachine
    package private(set) var host: SimulatedHost
    package private(set) var loop: EventLoop
    package private(set) var runtime: ClientRuntime

    init(stage: Stage, machine: SimulatedMachine) {
        self.stage = stage
        self.machine = machine
        let host = stage.world.makeHost(on: machine.name)
        let loop = host.makeLoop("client")
        self.host = host
        self.loop = loop
        self.runtime = ClientRuntime(loop: loop, network: host.sockets)
    }

    /// A cluster as this client sees it.
    package func makeCluster() -> ClusterClient {
        var configuration = ClientConfiguration(
            bootstrapServers: self.stage.cluster.bootstrap.map { BootstrapServer(host: $0.host, port: $0.port) })
        configuration.clientID = self.machine.name
        configuration.requestTimeout = .seconds(5)
        configuration.metadataMaxAge = .seconds(20)
        return ClusterClient(configuration, runtime: self.runtime)
    }

    /// Does something on the client's loop.
    package func run(_ work: @escaping @Sendable () -> Void) {
        self.loop.execute(work)
    }

    /// The process dies, and another one takes its place on the machine. Not within a turn of it.
    package func restart() {
        self.end()
        self.host = self.stage.world.makeHost(on: self.machine.name)
        self.loop = self.host.makeLoop("client")
        self.runtime = ClientRuntime(loop: self.loop, network: self.host.sockets)
    }

    /// The process dies. Not within a turn of it.
    package func end() {
        guard self.host.isAlive else { return }
        self.loop.stop()
        self.runtime.stop()
        self.host.end()
    }
}
