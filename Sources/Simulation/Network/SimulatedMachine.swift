import ApusCore
import Networking

/// A machine of the network: it has an address, a zone, clocks and a disk, and one process at a time. It outlives its
/// processes.
package final class SimulatedMachine {
    package let name: String
    package let zone: String
    /// Its numeric address.
    package let address: String
    package let index: Int
    package var clock: HostClock
    /// How it computes, and how its disk works.
    package var processorSlowdowns = Slowdowns()
    package var diskSlowdowns = Slowdowns()
    /// What a job of a pool usually waits for the disk: at least and at most, in nanoseconds.
    package var diskDelays: ClosedRange<Int64> = 10_000...200_000
    /// A disk that works at all is no slower than this, in nanoseconds.
    private static let diskDelayMax: Int64 = 5_000_000_000
    /// The process that runs on it.
    package internal(set) var host: SimulatedHost?
    /// Without power it answers nothing; with power and without a process it refuses connections.
    package internal(set) var hasPower = true

    var listeners: [UInt16: SimulatedListener] = [:]
    private var nextPort: UInt16 = 32_768

    init(name: String, zone: String, address: String, index: Int, clock: HostClock) {
        self.name = name
        self.zone = zone
        self.address = address
        self.index = index
        self.clock = clock
    }

    /// What the disk takes this time, in nanoseconds.
    func diskDelay(_ random: inout SeededRandom) -> Int64 {
        let longest = min(self.diskDelays.upperBound * self.diskSlowdowns.factor, Self.diskDelayMax)
        let span = UInt64(longest - self.diskDelays.lowerBound)
        return self.diskDelays.lowerBound + Int64(random.next() % (span + 1))
    }

    /// A port that nobody uses.
    func takePort() -> UInt16 {
        repeat {
            self.nextPort = self.nextPort == .max ? 32_768 : self.nextPort + 1
        } while self.listeners[self.nextPort] != nil
        return self.nextPort
    }
}
