package import ApusCore

/// What a world is like besides its cluster and its faults: how far its zones are apart, how much its connections hold,
/// how patient its machines are, and how its disks work. Drawn from the seed, or as every usual world.
package struct WorldHabits: Hashable, Sendable {
    /// Bytes of one direction of a connection that may be under way or wait for being received.
    package var window = 256 * 1024
    /// Of so many pieces that are sent, one arrives in two; 0 for none.
    package var splitOneOf: UInt64 = 16
    /// How long a sender goes on sending to a peer that does not answer.
    package var patience = Interval.seconds(10)
    package var nearLatency = Interval.microseconds(50)
    package var farLatency = Interval.microseconds(500)
    /// What synchronizing takes at most, in nanoseconds.
    package var diskDelayMax: Int64 = 200_000
    /// Writes that were not synchronized may land in a wrong place when power fails.
    package var misdirectsWrites = false

    package init() {}

    /// Draws the habits of a world.
    package init(_ tree: RandomTree) {
        var random = tree.generator
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }
        self.window = pick([8192, 65_536, 262_144, 262_144])
        self.splitOneOf = pick([0, 4, 16, 64])
        self.patience = .seconds(pick([3, 8, 15]))
        self.nearLatency = .microseconds(pick([20, 50, 200]))
        self.farLatency = .microseconds(pick([200, 500, 500, 2000]))
        self.diskDelayMax = pick([50_000, 200_000, 200_000, 2_000_000, 10_000_000])
        self.misdirectsWrites = Bool.random(using: &random)
    }

    /// Gives a world its network's habits. Before any machine is added.
    package func shape(_ world: World) {
        precondition(world.network.machines.isEmpty, "links are made as they are to be")
        world.network.window = self.window
        world.network.splitOneOf = self.splitOneOf
        world.network.patience = self.patience
        world.network.nearLink = LinkConditions(latency: self.nearLatency, jitter: self.nearLatency)
        world.network.farLink = LinkConditions(latency: self.farLatency, jitter: self.farLatency)
    }

    /// Gives the machines of a cluster their habits.
    package func shape(_ cluster: SimulatedCluster) {
        cluster.faultModel.misdirectsWrites = self.misdirectsWrites
        for node in cluster.nodes { node.machine.diskDelays = 10_000...self.diskDelayMax }
    }
}
