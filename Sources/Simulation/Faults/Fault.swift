package import ApusCore

/// One thing that breaks. What lasts is undone when its time is up: a process is started again, a link mended.
package enum Fault: Hashable, Sendable {
    /// `kill -9`: the page cache survives.
    case kill(NodeID)
    /// `kill -9` in the middle of an operation of the disk: the one after so many more, which may be half done.
    case killWithinWrite(NodeID, operations: Int)
    /// The power of one machine fails: what was not synchronized survives in part, torn, or in a wrong place.
    case losePower(NodeID)
    case losePowerWithinWrite(NodeID, operations: Int)
    /// The same, and the machine is back at once: it refuses connections until the process is started again.
    case reboot(NodeID)
    /// Every node of the cluster is killed at once.
    case killAll
    /// The power of every machine fails at once; only where every record is flushed before it is acknowledged.
    case losePowerEverywhere
    /// The same in the middle of an operation of one node's disk: the one after so many more. Where records are not
    /// flushed, only the controllers that are no brokers.
    case losePowerEverywhereWithinWrite(NodeID, operations: Int)
    /// Every node of a zone is killed.
    case killZone(String)
    /// Stopped and continued, as by SIGSTOP.
    case pause(NodeID)
    /// Asked to leave in good order.
    case shutDown(NodeID)
    /// Killed, and started again with an empty disk in place of its logs'.
    case replaceDisk(NodeID)
    /// Bits of its synchronized records turn; an operator who finds out gives it an empty disk in the end.
    case rot(NodeID)
    /// One read in about so many of its records returns a bit that is another one on the disk.
    case flipReads(NodeID, interval: Int)
    /// Killed, and started again with another value of a property.
    case reconfigure(NodeID, key: String, value: String)
    /// Nothing passes between two nodes.
    case cut(NodeID, NodeID)
    /// Nothing passes from the first to the second.
    case cutOneWay(NodeID, NodeID)
    /// Nothing passes to or from a node, clients included.
    case isolate(NodeID)
    /// A node hears nobody, or is heard by nobody.
    case deafen(NodeID)
    case silence(NodeID)
    /// Nothing passes into or out of a zone.
    case cutZone(String)
    /// Everything from and to a node takes longer.
    case slowLinks(NodeID, Interval)
    /// The connections of a node break.
    case breakConnections(NodeID, SimulatedNetwork.Break)
    /// Synchronizing takes so many times longer.
    case slowDisk(NodeID, factor: Int64)
    /// Operations of a kind fail with EIO.
    case failReads(NodeID)
    case failWrites(NodeID)
    case failSynchronizing(NodeID)
    /// The disk has room for so many bytes more.
    case fillDisk(NodeID, room: Int64)
    /// The machine computes so many times slower.
    case slowProcessor(NodeID, factor: Int64)
    /// The time of day jumps by so many milliseconds.
    case jumpClock(NodeID, milliseconds: Int64)
    /// Several faults in an order, of nodes that play a part in it then.
    case sequence(FaultSequence)

    /// What it is called where kinds are counted.
    package var name: String {
        let text = "\(self)"
        return String(text.prefix { $0 != "(" })
    }
}

/// A fault at its time.
package struct FaultStep: Hashable, Sendable {
    /// After the beginning of the plan.
    package var time: Interval
    package var fault: Fault
    /// How long it lasts.
    package var lasting: Interval

    package init(time: Interval, fault: Fault, lasting: Interval) {
        self.time = time
        self.fault = fault
        self.lasting = lasting
    }
}
