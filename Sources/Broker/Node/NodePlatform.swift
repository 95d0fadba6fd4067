package import EventLoop
package import FileSystem
package import Networking

/// What a node runs on: threads or turns, sockets or streams, a disk or the picture of one, and where its randomness
/// comes from. `NodeServer` makes the one of a process; a simulation makes its own.
package struct NodePlatform: Sendable {
    /// The lifecycle, the quorum and the controller live here; the network's only loop.
    package let control: EventLoop
    package let controlNetwork: Network
    /// Logs are opened and closed here: it may wait for the disk.
    package let storage: EventLoop
    /// Clients' and followers' connections.
    package let dataNetwork: Network
    package let pool: BlockingPool
    package let fileSystem: FileSystemPort
    /// All of the node's randomness follows from it. Another one for every start: the broker's incarnation is drawn
    /// from it.
    package let seed: UInt64
    /// Ends the process at once: the metadata log cannot be written. Where it returns, the node must get no more turns.
    package let halt: @Sendable () -> Void

    package var clock: NodeClock { self.control.clock }

    /// - Parameter control: a network of one loop.
    package init(
        control: Network, storage: EventLoop, data: Network, pool: BlockingPool, fileSystem: FileSystemPort,
        seed: UInt64, halt: @escaping @Sendable () -> Void
    ) {
        precondition(control.loops.loops.count == 1, "the quorum and the controller share one loop")
        self.control = control.loops.loops[0]
        self.controlNetwork = control
        self.storage = storage
        self.dataNetwork = data
        self.pool = pool
        self.fileSystem = fileSystem
        self.seed = seed
        self.halt = halt
    }
}
